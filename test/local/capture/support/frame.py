"""Makes one pandas frame of the captured files in FOLDER. Prints the times and a sum for each page."""
import json
import sys
from pathlib import Path

import pandas
from avro.datafile import DataFileReader
from avro.io import DatumReader

rows = []
for path in sorted(Path(sys.argv[1]).rglob("*.avro")):
    with open(path, "rb") as file:
        for event in DataFileReader(file, DatumReader()):
            if event["Body"]:
                rows.append({"at": event["EnqueuedTimeUtc"], **json.loads(event["Body"])})
frame = pandas.DataFrame(rows)
frame["at"] = pandas.to_datetime(frame["at"], utc=True)
sums = frame.groupby("page")["ms"].sum()
print(json.dumps({
    "at": [moment.isoformat() for moment in frame["at"].unique()],
    "sums": {page: int(ms) for page, ms in sums.items()},
}))
