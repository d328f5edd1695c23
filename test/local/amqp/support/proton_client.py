"""Qpid Proton, an AMQP engine of its own, against the broker: habits of several clients. Prints one JSON document."""
import json
import sys

from proton import Described, Message, symbol, ulong
from proton.handlers import MessagingHandler
from proton.reactor import Container, Filter, LinkOption

port, key_name, key, HUB, total = int(sys.argv[1]), *sys.argv[2:5], int(sys.argv[5])


class Settle(LinkOption):
    def __init__(self, sender=None, receiver=None):
        self.sender, self.receiver = sender, receiver

    def apply(self, link):
        if self.sender is not None:
            link.snd_settle_mode = self.sender
        if self.receiver is not None:
            link.rcv_settle_mode = self.receiver


class Sender(MessagingHandler):
    """Sends single messages as credit allows, over SASL PLAIN with a rule and its key."""

    def __init__(self):
        super().__init__()
        self.sent = self.accepted = 0

    def on_start(self, event):
        connection = event.container.connect(
            f"amqp://localhost:{port}", user=key_name, password=key, allowed_mechs="PLAIN", allow_insecure_mechs=True, reconnect=False
        )
        event.container.create_sender(connection, f"/{HUB}/Partitions/3")

    def on_sendable(self, event):
        while event.sender.credit and self.sent < total:
            event.sender.send(Message(body=str(self.sent), properties={"i": ulong(self.sent)}))
            self.sent += 1

    def on_accepted(self, event):
        self.accepted += 1
        if self.accepted == total:
            event.connection.close()


class Receiver(MessagingHandler):
    def __init__(self, options, count):
        super().__init__(prefetch=500, auto_accept=True, auto_settle=True)
        self.bodies, self.types, self.options, self.count = [], set(), options, count

    def on_start(self, event):
        connection = event.container.connect(
            f"amqp://localhost:{port}", user=key_name, password=key, allowed_mechs="PLAIN", allow_insecure_mechs=True, reconnect=False
        )
        event.container.create_receiver(connection, f"{HUB}/ConsumerGroups/$Default/Partitions/3", options=self.options)

    def on_message(self, event):
        self.bodies.append(event.message.body)
        self.types.add(type(event.message.properties["i"]).__name__)
        if len(self.bodies) == self.count:
            event.connection.close()


def run(handler):
    Container(handler).run()
    return handler


sender = run(Sender())
result = {"accepted": sender.accepted, "receivers": {}}
position = "amqp.annotation.x-opt-sequence-number > '-1'"
FILTERS = {
    "symbol": Described(symbol("apache.org:selector-filter:string"), position),
    "number": Described(ulong(0x468C00000004), position),
}
RECEIVERS = {
    "settles first": [Filter({symbol("apache.org:selector-filter:string"): FILTERS["symbol"]})],
    "settles second": [Settle(receiver=1), Filter({symbol("apache.org:selector-filter:string"): FILTERS["number"]})],
    "pre-settled": [Settle(sender=1)],
}
for name, options in RECEIVERS.items():
    # One full run for each way to settle; pre-settled has no state that could run out.
    count = total // 10 if name == "pre-settled" else total
    receiver = run(Receiver(options, count))
    in_order = receiver.bodies[:count] == [str(i) for i in range(count)]
    result["receivers"][name] = [len(receiver.bodies[:count]), in_order, sorted(receiver.types)]
print(json.dumps(result))
