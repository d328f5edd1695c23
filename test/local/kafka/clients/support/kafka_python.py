"""kafka-python at the embedded Azure. Prints JSON documents, one a line; the last is the result."""
import json
import os
import select
import sys
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

# Its sticky assignor fails in this version before it sends a second request to join.
ASSIGNORS = {"range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor}
scenario, options = sys.argv[1], json.loads(sys.argv[2])
topic = options["topic"]
PATIENCE = 20


def settings(**more):
    return {
        "bootstrap_servers": options["server"],
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "$ConnectionString",
        "sasl_plain_password": options["password"],
        **more,
    }


def say(document):
    print(json.dumps(document), flush=True)


def deliver(prefix, count, to=topic, body="", **more):
    """Sends numbered messages; the names of what went wrong."""
    failed = set()
    producer = KafkaProducer(**settings(linger_ms=5, **more))
    sent = []
    for i in range(count):
        headers = [("n", str(i).encode()), ("again", b"1"), ("again", b"2")]
        sent.append(producer.send(to, f"{prefix}-{i}{body}".encode(), f"key-{i % 16}".encode(), headers))
    for one in sent:
        try:
            one.get(PATIENCE)
        except KafkaError as error:
            failed.add(getattr(error, "errno", None) or type(error).__name__)
    producer.close(0)
    return sorted(failed)


def partitions_of(consumer):
    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic))]


def read_all():
    """Everything, from the beginning to what is the end now, partition by partition."""
    consumer = KafkaConsumer(**settings(check_crcs=True, enable_auto_commit=False))
    parts = partitions_of(consumer)
    consumer.assign(parts)
    consumer.seek_to_beginning()
    ends = consumer.end_offsets(parts)
    read = {part.partition: [] for part in parts}
    deadline = time.time() + PATIENCE
    while any(len(read[part.partition]) < ends[part] for part in parts) and time.time() < deadline:
        for part, messages in consumer.poll(200).items():
            read[part.partition] += messages
    consumer.close()
    return read


def exchange():
    count = options["count"]
    modes = {"plain": {}, "gzip": {"compression_type": "gzip"}}
    failed = {mode: deliver(mode, count, **more) for mode, more in modes.items()}
    read = read_all()
    everything = [message for messages in read.values() for message in messages]
    numbers = {}
    for message in everything:
        mode, number = message.value.decode().split("-")
        numbers.setdefault((message.partition, mode), []).append(int(number))
    first = next(message for message in everything if message.value == b"plain-7")
    say({
        "failed": failed,
        "received": {mode: sum(len(part) for (_, of), part in numbers.items() if of == mode) for mode in modes},
        "inOrder": all(part == sorted(part) for part in numbers.values()),
        "contiguous": all([m.offset for m in part] == list(range(len(part))) for part in read.values()),
        "sample": [
            first.key.decode(),
            [[name, value if value is None else value.decode()] for name, value in first.headers],
            abs(first.timestamp / 1000 - time.time()) < 60,
        ],
    })


def member():
    consumer = KafkaConsumer(topic, **settings(
        group_id=options["group"],
        partition_assignment_strategy=[ASSIGNORS[options["assignor"]]],
        auto_offset_reset="earliest",
        session_timeout_ms=6000,
        heartbeat_interval_ms=300,
    ))
    assigned = None
    while not select.select([sys.stdin], [], [], 0)[0]:
        messages = [message.value.decode() for part in consumer.poll(50).values() for message in part]
        if messages:
            say({"read": messages})
        now = len(consumer.assignment())
        if now != assigned:
            assigned = now
            say({"assigned": now})
    consumer.close()
    say({"left": True})


def times():
    deliver("early", 10)
    early = [message for messages in read_all().values() for message in messages]
    latest = max(message.timestamp for message in early)
    while time.time() * 1000 <= latest + 5:
        pass
    deliver("late", 10)
    consumer = KafkaConsumer(**settings())
    parts = partitions_of(consumer)

    def at(timestamp):
        found = consumer.offsets_for_times({part: timestamp for part in parts})
        return [found[part].offset if found[part] else -1 for part in parts]

    counts = [sum(1 for message in early if message.partition == part.partition) for part in parts]
    ends = [consumer.end_offsets(parts)[part] for part in parts]
    say({
        "start": at(1),
        "late": [have == want or have == -1 and want == end for have, want, end in zip(at(latest + 1), counts, ends)],
        "after": at(latest + 3_600_000),
        "total": sum(ends),
    })
    consumer.close()


def code_of(work):
    """0 where it went well."""
    try:
        work()
        return 0
    except KafkaError as error:
        return getattr(error, "errno", None) or type(error).__name__


def groups():
    place = TopicPartition(topic, 1)
    consumer = KafkaConsumer(**settings(group_id="keeper", enable_auto_commit=False))
    consumer.assign([place])
    consumer.commit({place: OffsetAndMetadata(7, "note")})
    consumer.close()
    client = KafkaAdminClient(**settings())

    def kept():
        return [[number.partition, *at] for number, at in client.list_consumer_group_offsets("keeper").items()]

    told = {"listed": ("keeper", "") in client.list_consumer_groups(), "kept": kept()}
    told["state"] = client.describe_consumer_groups(["keeper"])[0].state
    told["deleted"] = [one.errno for _, one in client.delete_consumer_groups(["keeper", "nobody"])]
    say({**told, "left": kept()})


def admin():
    client = KafkaAdminClient(**settings())

    def create(name=topic, partitions=3, config=None, **more):
        return code_of(lambda: client.create_topics([NewTopic(name, partitions, 1, topic_configs=config)], **more))

    def describe():
        (answer,) = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        return {entry[0]: entry[1] for entry in answer.resources[0][4]}

    def count():
        return sum(len(one["partitions"]) for one in client.describe_topics() if one["topic"] == topic)

    say({
        "checked": [create(validate_only=True), count()],
        "created": [create(config={"retention.ms": "7200000"}), count()],
        "settings": {name: value for name, value in describe().items() if name in ("retention.ms", "cleanup.policy")},
        "exists": create(),
        "name": create("_under"),
        "config": create("other", config={"no.such.thing": "1"}),
        "value": create("other", config={"retention.ms": "soon"}),
        "none": create("other", 0),
        "policy": create("other", 100_000),
        "raised": [code_of(lambda: client.create_partitions({topic: NewPartitions(5)})), count()],
        "lowered": code_of(lambda: client.create_partitions({topic: NewPartitions(4)})),
        "deleted": [code_of(lambda: client.delete_topics([topic])), count()],
        "gone": code_of(lambda: client.delete_topics([topic])),
    })


def join_error(**more):
    """The error that a consumer is told when it joins."""
    consumer = KafkaConsumer(topic, **settings(**{"group_id": "refused", "session_timeout_ms": 6000, **more}))
    return code_of(lambda: consumer.poll(PATIENCE * 1000))


def commit_note(note):
    consumer = KafkaConsumer(**settings(group_id="notes", enable_auto_commit=False))
    consumer.assign([TopicPartition(topic, 0)])
    return code_of(lambda: consumer.commit({TopicPartition(topic, 0): OffsetAndMetadata(0, note)}))


def produce_elsewhere():
    producer = KafkaProducer(**settings(sasl_plain_password=options["narrow"], max_block_ms=5000))
    # It asks on and on for the metadata of one topic that is refused, but not where it knows another one.
    producer.partitions_for("narrow")
    producer.send(options["other"], b"x").get(5)


def refusals():
    say({
        "wrong key": code_of(lambda: KafkaAdminClient(**settings(sasl_plain_password=options["wrong"]))),
        "produce elsewhere": code_of(produce_elsewhere),
        "long group": join_error(group_id="g" * 257),
        "short session": join_error(session_timeout_ms=5_999),
        "long session": join_error(session_timeout_ms=300_001, request_timeout_ms=400_000, connections_max_idle_ms=500_000),
        "long note": [commit_note("n" * 1024), commit_note("n" * 1025)],
    })


{f.__name__: f for f in (exchange, member, times, groups, admin, refusals)}[scenario]()
sys.stdout.flush()
os._exit(0)
