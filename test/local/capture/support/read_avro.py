"""Prints, as one JSON document, what python3-avro reads in files of Capture. Bytes are in hex."""
import json
import sys

from avro.datafile import DataFileReader
from avro.io import DatumReader


def plain(value):
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value


files = []
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        reader = DataFileReader(file, DatumReader())
        codec = reader.codec if isinstance(reader.codec, str) else reader.codec.decode()
        files.append({"codec": codec, "events": [plain(event) for event in reader]})
print(json.dumps({"files": files}))
