"""
Concatenates captured files by partition, as the sample of Event Hubs does: walks the FOLDER of a hub, passes the files of 508 bytes and
appends each JSON body to OUT/PARTITION.csv. Prints how many files had events and how many had none.
https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-python
"""
import csv
import json
import sys
from pathlib import Path

from avro.datafile import DataFileReader
from avro.io import DatumReader

EMPTY_BYTES = 508
COLUMNS = ["page", "ms"]

folder, out = map(Path, sys.argv[1:])
files = sorted(folder.rglob("*.avro"))
full = [path for path in files if path.stat().st_size > EMPTY_BYTES]
for path in full:
    partition = path.relative_to(folder).parts[0]
    with open(path, "rb") as file, open(out / f"{partition}.csv", "a", newline="") as table:
        rows = csv.DictWriter(table, COLUMNS)
        bodies = [event["Body"] for event in DataFileReader(file, DatumReader())]
        rows.writerows(json.loads(body) for body in bodies if body)
print(json.dumps({"full": len(full), "empty": len(files) - len(full)}))
