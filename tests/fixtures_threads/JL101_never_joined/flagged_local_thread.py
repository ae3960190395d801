# The thread is started and forgotten: the program goes on before the mail is out.
# shows: thread-overtaking
import threading


def send_mail(address):
    print("mail sent to", address)


def register(address):
    mailer = threading.Thread(target=send_mail, args=(address,))
    mailer.start()  # expect: JL101
    return "registered " + address


if __name__ == "__main__":
    print(register("ada@example.org"))
