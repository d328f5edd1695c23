"""Sends records to partition 0 of a topic and reads its first ones with kafka-python, all bytes in hex.

Arguments: server, password, topic, a JSON list of records to send, how many to read.
"""
import json
import sys
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

server, password, topic, records, count = sys.argv[1:]
access = {
    'bootstrap_servers': server,
    'security_protocol': 'SASL_PLAINTEXT',
    'sasl_mechanism': 'PLAIN',
    'sasl_plain_username': '$ConnectionString',
    'sasl_plain_password': password,
}


def unhex(text):
    return None if text is None else bytes.fromhex(text)


def hexed(value):
    return None if value is None else value.hex()


producer = KafkaProducer(acks='all', **access)
offsets = [
    producer.send(
        topic,
        partition=0,
        key=unhex(record['key']),
        value=unhex(record['value']),
        headers=[(key, unhex(value)) for key, value in record['headers']],
    ).get(30).offset
    for record in json.loads(records)
]
producer.close()

consumer = KafkaConsumer(consumer_timeout_ms=30_000, check_crcs=True, **access)
partition = TopicPartition(topic, 0)
consumer.assign([partition])
consumer.seek(partition, 0)
read = []
while len(read) < int(count):
    record = next(consumer)
    read.append({
        'offset': record.offset,
        'key': hexed(record.key),
        'value': hexed(record.value),
        'headers': [[key, hexed(value)] for key, value in record.headers],
    })
consumer.close()
print(json.dumps({'offsets': offsets, 'read': read}))
