"""uamqp, the engine in C of older Azure clients, against the broker through TLS. Prints one JSON document."""
import json
import sys

import uamqp
from uamqp import authentication, errors
from uamqp.constants import ReceiverSettleMode, SenderSettleMode

port, certificate, user, key, hub, total = int(sys.argv[1]), sys.argv[2], *sys.argv[3:6], int(sys.argv[6])
TARGET = f"amqps://localhost/{hub}/Partitions/2"
SOURCE = f"amqps://localhost/{hub}/ConsumerGroups/$Default/Partitions/2"
AFTER = b"apache.org:selector-filter:string"


def plain():
    return authentication.SASLPlain("localhost", user, key, port=port, verify=certificate)


def token():
    return authentication.SASTokenAuth.from_shared_access_key(f"amqps://localhost/{hub}", user, key, port=port, verify=certificate)


def send(auth, mode):
    """How many the broker accepted."""
    client = uamqp.SendClient(TARGET, auth=auth, send_settle_mode=mode)
    client.queue_message(*[uamqp.Message(str(number)) for number in range(1, total + 1)])
    states = client.send_all_messages()
    return sum(state == uamqp.constants.MessageState.SendComplete for state in states)


def receive(auth, count, after="-1", **modes):
    source = uamqp.address.Source(SOURCE)
    source.set_filter(f"amqp.annotation.x-opt-sequence-number > '{after}'".encode(), name=AFTER, descriptor=AFTER)
    client = uamqp.ReceiveClient(source, auth=auth, prefetch=count, **modes)
    numbers = []
    while len(numbers) < count:
        batch = client.receive_message_batch(max_batch_size=count, timeout=20_000)
        if not batch:
            break
        for message in batch:
            numbers.append(int(b"".join(message.get_data())))
            message.accept()
    client.close()
    return numbers


def refused():
    try:
        client = uamqp.ReceiveClient(SOURCE.replace(hub, "missing"), auth=plain())
        client.receive_message_batch(max_batch_size=1, timeout=10_000)
        return "taken"
    except errors.LinkDetach as error:
        return error.condition.value.decode()


result = {
    "accepted": [
        send(plain(), SenderSettleMode.Unsettled),
        send(token(), SenderSettleMode.Unsettled),
    ],
    "received": {
        "settles first": receive(plain(), 2 * total, receive_settle_mode=ReceiverSettleMode.ReceiveAndDelete),
        "settles second": receive(token(), 2 * total, receive_settle_mode=ReceiverSettleMode.PeekLock),
        "pre-settled": receive(plain(), 2 * total, send_settle_mode=SenderSettleMode.Settled),
        "after the first": receive(token(), 1, after="0"),
    },
    "refused": refused(),
}
print(json.dumps(result))
