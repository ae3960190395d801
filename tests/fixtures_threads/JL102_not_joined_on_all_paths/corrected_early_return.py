# The thread is joined before either return.
# shows: clean
from threading import Thread


def draw_map(region):
    print("drew the map of", region)


def search(region, houses, most):
    drawer = Thread(target=draw_map, args=(region,))
    drawer.start()
    matches = [name for name, price in houses.items() if price <= most]
    drawer.join()
    if not matches:
        return "no matches"
    return ", ".join(matches)


if __name__ == "__main__":
    print(search("the coast", {"villa": 900, "hut": 80}, 50))
