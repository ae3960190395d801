# The thread is joined before the function returns.
# shows: clean
import threading


def send_mail(address):
    print("mail sent to", address)


def register(address):
    mailer = threading.Thread(target=send_mail, args=(address,))
    mailer.start()
    mailer.join()
    return "registered " + address


if __name__ == "__main__":
    print(register("ada@example.org"))
