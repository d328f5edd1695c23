"""Reads and writes record batches with the code of kafka-python. Arguments: the file of batches to read."""
import json
import sys
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka.record.memory_records import MemoryRecords


def hexed(value):
    return None if value is None else value.hex()


def read(data):
    batches = []
    memory = MemoryRecords(data)
    while memory.has_next():
        batch = memory.next_batch()
        batches.append({
            'valid': batch.validate_crc(),
            'base': batch.base_offset,
            'codec': batch.compression_type,
            'records': [{
                'offset': record.offset,
                'timestamp': record.timestamp,
                'type': record.timestamp_type,
                'key': hexed(record.key),
                'value': hexed(record.value),
                'headers': [[key, hexed(value)] for key, value in record.headers],
            } for record in batch],
        })
    return batches


def write(codec):
    builder = DefaultRecordBatchBuilder(2, codec, False, -1, -1, -1, 10 ** 6)
    builder.append(0, 1_800_000_000_000, b'key', b'value', [('text', b'hello'), ('null', None), ('text', b'again')])
    builder.append(1, 1_800_000_000_007, None, b'x' * 1000, [])
    builder.append(2, 1_799_999_999_999, b'', None, [('\u00fc', b'')])
    return bytes(builder.build()).hex()


with open(sys.argv[1], 'rb') as file:
    print(json.dumps({
        'read': read(file.read()),
        'written': {'plain': write(DefaultRecordBatch.CODEC_NONE), 'gzip': write(DefaultRecordBatch.CODEC_GZIP)},
    }))
