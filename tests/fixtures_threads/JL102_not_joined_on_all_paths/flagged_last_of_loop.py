# Each round overwrites the handle, so that only the last thread is joined.
# shows: thread-overtaking
import threading


def index(shelf):
    print("indexed shelf", shelf)


def index_all(shelves):
    indexer = None
    for shelf in shelves:
        indexer = threading.Thread(target=index, args=(shelf,))
        indexer.start()  # expect: JL102
    if indexer is not None:
        indexer.join()
    print("indexed", len(shelves), "shelves")


if __name__ == "__main__":
    index_all(["A", "B", "C"])
