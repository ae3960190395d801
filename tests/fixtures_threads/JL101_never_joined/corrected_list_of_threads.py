# A second loop joins the threads of the list.
# shows: clean
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
        loader.start()
    for loader in loaders:
        loader.join()
    print("loaded", len(loaders), "parts")


if __name__ == "__main__":
    download(3)
