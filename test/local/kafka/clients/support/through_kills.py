"""
An idempotent producer and a consumer of confluent-kafka that go on while the broker is killed and started again, until the
input is closed. Prints JSON, one document a line: how many events and commits were acknowledged so far, again and again, and
at last what was acknowledged, what is there, and where commits went back.
"""
import json
import sys
import threading

import confluent_kafka
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

server, password, topic = sys.argv[1:4]
PARTITIONS = 4
TOLD_EVERY = 25
BACK = {"reconnect.backoff.ms": 5, "reconnect.backoff.max.ms": 50, "retry.backoff.ms": 5, "topic.metadata.refresh.interval.ms": 500}
ACCESS = {
    "bootstrap.servers": server,
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "PLAIN",
    "sasl.username": "$ConnectionString",
    "sasl.password": password,
    "log.connection.close": False,
    "socket.timeout.ms": 5000,
    **BACK,
}
stopping = threading.Event()
telling = threading.Lock()
so_far = {"acknowledged": 0, "commits": 0}
errors = []


def tell(what):
    with telling:
        so_far[what] += 1
        if what == "commits" or so_far[what] % TOLD_EVERY == 0:
            print(json.dumps(so_far), flush=True)


def quiet(error):
    if error.fatal():
        errors.append(f"fatal: {error}")


def wait_for_end():
    sys.stdin.read()
    stopping.set()


def send():
    """Numbers for each partition, as fast as they are acknowledged. What was acknowledged, as offset by number."""
    acknowledged = [{} for _ in range(PARTITIONS)]
    sent = [0] * PARTITIONS
    producer = Producer({
        **ACCESS,
        "enable.idempotence": True,
        "linger.ms": 1,
        "batch.num.messages": 50,
        "message.timeout.ms": 120_000,
        "error_cb": quiet,
    })

    def delivered(error, message):
        number = int(message.value().split(b"/")[0])
        if error is not None:
            errors.append(f"{message.partition()}/{number}: {error}")
        else:
            acknowledged[message.partition()][number] = message.offset()
            tell("acknowledged")

    while not stopping.is_set():
        for partition in range(PARTITIONS):
            if sent[partition] - len(acknowledged[partition]) < 500:
                producer.produce(topic, f"{sent[partition]}/{'x' * 200}", partition=partition, on_delivery=delivered)
                sent[partition] += 1
        producer.poll(0 if len(producer) < 1000 else 0.01)
    if producer.flush(60) > 0:
        errors.append("not flushed")
    return acknowledged, sent


def read_and_commit(went_back):
    """Reads in a group, commits, and asks for the commit again: it is never behind one that was acknowledged."""
    consumer = Consumer({
        **ACCESS,
        "group.id": "through-kills",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 300,
        "error_cb": quiet,
    })
    consumer.subscribe([topic])
    held = {}
    while not stopping.is_set():
        messages = [message for message in consumer.consume(200, 0.05) if not message.error()]
        wanted = {}
        for message in messages:
            wanted[message.partition()] = message.offset() + 1
        try:
            if wanted:
                parts = [TopicPartition(topic, partition, offset) for partition, offset in wanted.items()]
                # What was read again after a restart does not move a commit back.
                parts = [part for part in parts if part.offset > held.get(part.partition, 0)]
                if parts:
                    for part in consumer.commit(offsets=parts, asynchronous=False):
                        if part.error is None:
                            held[part.partition] = part.offset
                            tell("commits")
            asked = [TopicPartition(topic, partition) for partition in held]
            for part in consumer.committed(asked, 2) if asked else []:
                if part.error is None and part.offset < held[part.partition]:
                    went_back.append([part.partition, held[part.partition], part.offset])
        except KafkaException:
            # The broker is away.
            pass
    consumer.close()


def read_all():
    consumer = Consumer({**ACCESS, "group.id": "all", "enable.auto.commit": False, "check.crcs": True})
    numbers = []
    for partition in range(PARTITIONS):
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), 20)
        consumer.assign([TopicPartition(topic, partition, low)])
        part = []
        while len(part) < high - low:
            part += [(m.offset(), int(m.value().split(b"/")[0])) for m in consumer.consume(10_000, 0.2) if not m.error()]
        numbers.append(part)
    consumer.close()
    return numbers


went_back = []
reader = threading.Thread(target=read_and_commit, args=(went_back,))
threading.Thread(target=wait_for_end, daemon=True).start()
reader.start()
acknowledged, sent = send()
reader.join()
there = read_all()
lost = moved = 0
for partition in range(PARTITIONS):
    by_offset = dict(there[partition])
    for number, offset in acknowledged[partition].items():
        if by_offset.get(offset) is None:
            lost += 1
        elif by_offset[offset] != number:
            moved += 1
print(json.dumps({
    "lost": lost,
    "moved": moved,
    "doubled": sum(len(part) - len({number for _, number in part}) for part in there),
    "disordered": sum(1 for part in there if [number for _, number in part] != sorted(number for _, number in part)),
    "unknown": sum(1 for p in range(PARTITIONS) for _, number in there[p] if number >= sent[p]),
    "wentBack": went_back,
    "errors": errors[:20],
}), flush=True)
