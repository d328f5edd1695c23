"""Runs a printed program with the official client, through TLS, until it has printed what it should. Prints one JSON document."""
import builtins
import functools
import json
import os
import pickle
import signal
import sys
import types

import azure.eventhub._pyamqp._transport as transport
from azure.eventhub import EventHubConsumerClient, EventHubProducerClient
from azure.eventhub._eventprocessor.in_memory_checkpoint_store import InMemoryCheckpointStore

program, port, certificate, lines, state = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5]
# This line of the client knows one port only; later ones take it from the connection string.
transport.to_host_port = lambda host, default=0: ("localhost", port)
for client in (EventHubProducerClient, EventHubConsumerClient):
    client.from_connection_string = functools.partial(client.from_connection_string, connection_verify=certificate)


class FileCheckpointStore(InMemoryCheckpointStore):
    """Stands for the blob container: what one run wrote, the next one reads."""

    @classmethod
    def from_connection_string(cls, connection_string, container):
        assert (connection_string, container) == ("account", "places"), (connection_string, container)
        store = cls()
        if os.path.exists(state):
            with open(state, "rb") as file:
                for checkpoint in pickle.load(file):
                    store.update_checkpoint(checkpoint)
        return store

    def update_checkpoint(self, checkpoint):
        super().update_checkpoint(checkpoint)
        places = {**checkpoints, checkpoint["partition_id"]: checkpoint}
        checkpoints.update(places)
        with open(state, "wb") as file:
            pickle.dump(list(checkpoints.values()), file)


checkpoints = {}
sys.modules["azure.eventhub.extensions.checkpointstoreblob"] = types.SimpleNamespace(
    BlobCheckpointStore=FileCheckpointStore
)
try:
    import pandas  # noqa: F401
except ImportError:
    sys.modules["pandas"] = types.SimpleNamespace(DataFrame=list)

printed = []


def note(*words):
    printed.append(" ".join(map(str, words)))
    if lines and len(printed) == lines:
        # After the checkpoint of this batch, which the program writes next.
        signal.setitimer(signal.ITIMER_REAL, 0.5)


def stop(*_):
    raise KeyboardInterrupt


signal.signal(signal.SIGALRM, stop)
scope = {"__name__": "__main__", "print": note}
with open(program) as file:
    source = file.read()
try:
    exec(compile(source, program, "exec"), scope)
except KeyboardInterrupt:
    pass
rows = [[row["partition"], row["sequence_number"], row["body"]] for row in scope.get("rows", [])]
builtins.print(json.dumps({"printed": printed, "rows": rows}), flush=True)
# Threads of the client may still wait for the broker.
os._exit(0)
