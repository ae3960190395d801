# All threads are kept, and all are joined.
# shows: clean
import threading


def index(shelf):
    print("indexed shelf", shelf)


def index_all(shelves):
    indexers = []
    for shelf in shelves:
        indexer = threading.Thread(target=index, args=(shelf,))
        indexer.start()
        indexers.append(indexer)
    for indexer in indexers:
        indexer.join()
    print("indexed", len(shelves), "shelves")


if __name__ == "__main__":
    index_all(["A", "B", "C"])
