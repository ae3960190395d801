# Without any matches the function returns while its thread is still drawing.
# shows: thread-overtaking
from threading import Thread


def draw_map(region):
    print("drew the map of", region)


def search(region, houses, most):
    drawer = Thread(target=draw_map, args=(region,))
    drawer.start()  # expect: JL102
    matches = [name for name, price in houses.items() if price <= most]
    if not matches:
        return "no matches"
    drawer.join()
    return ", ".join(matches)


if __name__ == "__main__":
    print(search("the coast", {"villa": 900, "hut": 80}, 50))
