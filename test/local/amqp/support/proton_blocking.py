"""Qpid Proton's blocking client, which compares what an attach answers with what it asked for. Prints one JSON document."""
import json
import sys

from proton import Described, Message, symbol
from proton.reactor import Filter
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
received = []
for _ in range(3):
    received.append(receiver.receive().body)
    # Fails when the delivery came settled: this client asks for `mixed` and settles by itself.
    receiver.accept()
try:
    refused = str(connection.create_receiver("missing/ConsumerGroups/$Default/Partitions/2"))
except LinkDetached as error:
    refused = error.condition
result = {"target": sender.remote_target.address, "source": receiver.remote_source.address, "received": received, "refused": refused}
connection.close()
print(json.dumps(result))
