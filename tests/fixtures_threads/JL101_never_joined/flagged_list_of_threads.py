# The threads are kept in a list that nothing waits for.
# shows: thread-overtaking
from threading import Thread


class Download(Thread):
    def __init__(self, part):
        super().__init__()
        self.part = part

    def run(self):
        print("loaded part", self.part)


def download(parts):
    loaders = [Download(part) for part in range(parts)]
    for loader in loaders:
        loader.start()  # expect: JL101
    print("loading", len(loaders), "parts")


if __name__ == "__main__":
    download(3)
