"""confluent-kafka, which is librdkafka, at the embedded Azure. Prints JSON documents, one a line; the last is the result."""
import json
import os
import select
import sys
import time

import confluent_kafka
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

scenario, options = sys.argv[1], json.loads(sys.argv[2])
topic = options["topic"]
PATIENCE = 20


def settings(**more):
    password = more.pop("password", options["password"])
    return {
        "bootstrap.servers": options["server"],
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "$ConnectionString",
        "sasl.password": password,
        "log.connection.close": False,
        **{name if name == "error_cb" else name.replace("_", "."): value for name, value in more.items()},
    }


def say(document):
    print(json.dumps(document), flush=True)


def deliver(prefix, count, to=topic, body="", **more):
    """Sends numbered messages; the names of what went wrong."""
    failed = set()
    producer = Producer(settings(**{"linger_ms": 5, "message_timeout_ms": 10_000, **more}))

    def delivered(error, message):
        if error is not None:
            failed.add(error.name())

    for i in range(count):
        headers = [("n", str(i).encode()), ("again", b"1"), ("again", b"2"), ("empty", None)]
        producer.produce(to, key=f"key-{i % 16}", value=f"{prefix}-{i}{body}", headers=headers, on_delivery=delivered)
        producer.poll(0)
    if producer.flush(PATIENCE) > 0:
        failed.add("not flushed")
    return sorted(failed)


def partitions_of(consumer):
    return [TopicPartition(topic, number) for number in sorted(consumer.list_topics(topic, PATIENCE).topics[topic].partitions)]


def read_all():
    """Everything, from the beginning to what is the end now, partition by partition."""
    consumer = Consumer(settings(group_id="alone", enable_auto_commit=False, check_crcs=True))
    read = {}
    for part in partitions_of(consumer):
        low, high = consumer.get_watermark_offsets(part, PATIENCE)
        messages = read[part.partition] = []
        consumer.assign([TopicPartition(topic, part.partition, low)])
        deadline = time.time() + PATIENCE
        while len(messages) < high - low and time.time() < deadline:
            for message in consumer.consume(10_000, 0.2):
                if message.error():
                    raise KafkaException(message.error())
                messages.append(message)
    consumer.close()
    return read


def exchange():
    count = options["count"]
    modes = {"plain": {}, "idempotent": {"enable_idempotence": True}, "gzip": {"compression_type": "gzip"}}
    failed = {mode: deliver(mode, count, **more) for mode, more in modes.items()}
    read = read_all()
    everything = [message for messages in read.values() for message in messages]
    numbers = {}
    for message in everything:
        mode, number = message.value().decode().split("-")
        numbers.setdefault((message.partition(), mode), []).append(int(number))
    first = next(message for message in everything if message.value() == b"plain-7")
    say({
        "failed": failed,
        "received": {mode: sum(len(part) for (_, of), part in numbers.items() if of == mode) for mode in modes},
        "inOrder": all(part == sorted(part) for part in numbers.values()),
        "contiguous": all([m.offset() for m in part] == list(range(len(part))) for part in read.values()),
        "sample": [
            first.key().decode(),
            [[name, value if value is None else value.decode()] for name, value in first.headers()],
            abs(first.timestamp()[1] / 1000 - time.time()) < 60,
        ],
    })


def member():
    consumer = Consumer(settings(
        group_id=options["group"],
        partition_assignment_strategy=options["assignor"],
        auto_offset_reset="earliest",
        session_timeout_ms=6000,
        heartbeat_interval_ms=300,
        **options.get("more", {}),
    ))
    consumer.subscribe([topic])
    assigned = None
    while not select.select([sys.stdin], [], [], 0)[0]:
        messages = consumer.consume(500, 0.05)
        if messages:
            say({"read": [m.error().name() if m.error() else m.value().decode() for m in messages]})
        now = len(consumer.assignment())
        if now != assigned:
            assigned = now
            say({"assigned": now})
    consumer.close()
    say({"left": True})


def times():
    deliver("early", 10)
    early = [message for messages in read_all().values() for message in messages]
    latest = max(message.timestamp()[1] for message in early)
    while time.time() * 1000 <= latest + 5:
        pass
    deliver("late", 10)
    consumer = Consumer(settings(group_id="times"))

    def at(timestamp):
        asked = [TopicPartition(topic, part.partition, timestamp) for part in partitions_of(consumer)]
        return [part.offset for part in consumer.offsets_for_times(asked, PATIENCE)]

    counts = [sum(1 for message in early if message.partition() == part.partition) for part in partitions_of(consumer)]
    ends = [consumer.get_watermark_offsets(part, PATIENCE)[1] for part in partitions_of(consumer)]
    after = [-1 if offset == confluent_kafka.OFFSET_END else offset for offset in at(latest + 3_600_000)]
    say({
        "start": at(1),
        "late": [have == want or have == -1 and want == end for have, want, end in zip(at(latest + 1), counts, ends)],
        "after": after,
        "total": sum(ends),
    })
    consumer.close()


def outcome(futures):
    """The code of each: 0 where it went well."""
    codes = []
    for future in futures.values():
        try:
            future.result(PATIENCE)
            codes.append(0)
        except KafkaException as error:
            codes.append(error.args[0].code())
    return codes[0]


def groups():
    consumer = Consumer(settings(group_id="keeper", enable_auto_commit=False))
    consumer.commit(offsets=[TopicPartition(topic, 1, 7)], asynchronous=False)
    kept = [[one.partition, one.offset] for one in consumer.committed([TopicPartition(topic, 1)], PATIENCE)]
    consumer.close()
    found = [one for one in AdminClient(settings()).list_groups(timeout=PATIENCE) if one.id == "keeper"]
    say({"kept": kept, "listed": len(found) == 1, "state": found[0].state})


def admin():
    client = AdminClient(settings())

    def create(name=topic, partitions=3, config=None, **more):
        return outcome(client.create_topics([NewTopic(name, partitions, 1, config=config or {})], **more))

    def describe():
        (future,) = client.describe_configs([ConfigResource("topic", topic)]).values()
        return {name: entry.value for name, entry in future.result(PATIENCE).items()}

    def count():
        listed = client.list_topics(timeout=PATIENCE).topics
        return len(listed[topic].partitions) if topic in listed else 0

    result = {
        "checked": [create(validate_only=True), count()],
        "created": [create(config={"retention.ms": "7200000"}), count()],
        "settings": {name: value for name, value in describe().items() if name in ("retention.ms", "cleanup.policy")},
        "exists": create(),
        "name": create("_under"),
        "config": create("other", config={"no.such.thing": "1"}),
        "value": create("other", config={"retention.ms": "soon"}),
        "policy": create("other", 100_000),
        "raised": [outcome(client.create_partitions([NewPartitions(topic, 5)])), count()],
        "lowered": outcome(client.create_partitions([NewPartitions(topic, 4)])),
        "deleted": [outcome(client.delete_topics([topic])), count()],
        "gone": outcome(client.delete_topics([topic])),
    }
    say(result)


def join_error(**more):
    """The first error that a consumer is told when it joins."""
    consumer = Consumer(settings(**{"group_id": "refused", "session_timeout_ms": 6000, **more}))
    consumer.subscribe([topic])
    message = consumer.poll(PATIENCE)
    consumer.close()
    return message and message.error() and message.error().code()


def refusals():
    errors = []
    wrong = AdminClient(settings(password=options["wrong"], error_cb=lambda error: errors.append(error)))
    deadline = time.time() + PATIENCE
    while not errors and time.time() < deadline:
        wrong.poll(0.1)
    reader = Consumer(settings(password=options["narrow"], group_id="elsewhere"))
    reader.subscribe([options["other"]])
    denied = reader.poll(PATIENCE)
    try:
        # It asks again whatever the refusal is, until its time is over.
        Producer(settings(transactional_id="t")).init_transactions(2)
        transactions = 0
    except KafkaException as error:
        transactions = error.args[0].name()
    say({
        "wrong key": [errors[0].name(), errors[0].str()] if errors else None,
        "produce elsewhere": deliver("x", 1, to=options["other"], password=options["narrow"]),
        "fetch elsewhere": denied and denied.error().code(),
        "codecs": [deliver("x", 1, compression_type=codec, body="x" * 500) for codec in ("snappy", "lz4", "zstd")],
        "transactions": transactions,
        "too large": deliver("x", 1, body="x" * 1_500_000, message_max_bytes=2_000_000, message_timeout_ms=1500),
        "long group": join_error(group_id="g" * 257),
        "short session": join_error(session_timeout_ms=5_999),
        "long session": join_error(session_timeout_ms=300_001, max_poll_interval_ms=400_000),
    })


{f.__name__: f for f in (exchange, member, times, groups, admin, refusals)}[scenario]()
sys.stdout.flush()
os._exit(0)
