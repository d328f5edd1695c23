"""Qpid Proton's blocking client, which compares what an attach answers with what it asked for. Prints one JSON document."""
import json
import sys

from proton import Described, Message, symbol
from proton.reactor import AtMostOnce, Filter
from proton.utils import BlockingConnection, LinkDetached

port, key_name, key, hub = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
SOURCE = f"{hub}/ConsumerGroups/$Default/Partitions/2"
SELECTOR = symbol("apache.org:selector-filter:string")

connection = BlockingConnection(
    f"amqp://localhost:{port}", timeout=20, user=key_name, password=key, allowed_mechs="PLAIN", allow_insecure_mechs=True
)
sender = connection.create_sender(f"{hub}/Partitions/2")
for number in range(4):
    sender.send(Message(body=f"event {number}"))
after = Filter({SELECTOR: Described(SELECTOR, "amqp.annotation.x-opt-sequence-number > '0'")})
receiver = connection.create_receiver(SOURCE, credit=10, options=after)
sent_to, read_from = sender.link.remote_target.address, receiver.link.remote_source.address
received = []
for _ in range(3):
    received.append(receiver.receive().body)
    # Fails when the delivery came settled: this client asks for `mixed` and settles by itself.
    receiver.accept()
# With more credit than events, the broker gives the rest back.
receiver.link.drain(100)
connection.wait(lambda: not receiver.link.draining())
left = receiver.link.credit
receiver.close()
sender.close()

# Settled by whoever sends, both ways.
sender = connection.create_sender(f"{hub}/Partitions/3", options=AtMostOnce())
receiver = connection.create_receiver(f"{hub}/ConsumerGroups/$Default/Partitions/3", credit=10, options=AtMostOnce())
sender.send(Message(body="settled"))
settled = receiver.receive().body
try:
    refused = str(connection.create_receiver("missing/ConsumerGroups/$Default/Partitions/2"))
except LinkDetached as error:
    refused = error.condition
connection.close()
result = {
    "target": sent_to,
    "source": read_from,
    "received": received,
    "credit after drain": left,
    "settled": settled,
    "refused": refused,
}
print(json.dumps(result))
