"""The official client for Python against the broker, through TLS, on either of its engines. Prints one JSON document."""
import json
import os
import sys
import threading

import azure.eventhub._pyamqp._transport as transport
from azure.eventhub import EventData, EventHubConsumerClient, EventHubProducerClient
from azure.eventhub.exceptions import EventHubError

connection_string, port, certificate, total, engine = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5]
options = {"connection_verify": certificate, "retry_total": 0, "uamqp_transport": engine == "uamqp"}
# This line of the client knows one port only; later ones take it from the connection string.
transport.to_host_port = lambda host, default=0: ("localhost", port)
if engine == "uamqp":
    import uamqp

    # The client wants uamqp 1.6, which names the body of an answer. Debian has 1.5.
    uamqp.Message.value = property(lambda message: message.get_data())
    options["custom_endpoint_address"] = f"sb://localhost:{port}"
result = {}

producer = EventHubProducerClient.from_connection_string(connection_string, **options)
with producer:
    properties = producer.get_eventhub_properties()
    result["hub"] = [properties["eventhub_name"], list(properties["partition_ids"])]
    empty = producer.get_partition_properties("0")
    result["empty"] = [empty["is_empty"], empty["beginning_sequence_number"], empty["last_enqueued_sequence_number"]]
    batch = producer.create_batch(partition_key="device-7")
    for body in ("a", "b"):
        event = EventData(body)
        event.properties = {"n": 3, "text": "x"}
        batch.add(event)
    producer.send_batch(batch)
    sent = 0
    while sent < total:
        batch = producer.create_batch(partition_id="1")
        for _ in range(500):
            batch.add(EventData(str(sent)))
            sent += 1
        producer.send_batch(batch)
    after = producer.get_partition_properties("1")
    result["after"] = [after["is_empty"], after["last_enqueued_sequence_number"]]
    try:
        producer.get_partition_properties("99")
    except EventHubError as error:
        result["bad_partition"] = str(error)

if engine == "uamqp":
    # It cannot receive on 1.5, whatever the broker does; uamqp_client.py receives without it.
    print(json.dumps(result), flush=True)
    # Its engine breaks while Python ends.
    os._exit(0)


def receive(partition, count, **more):
    consumer = EventHubConsumerClient.from_connection_string(connection_string, "$Default", **options)
    events = []
    done = threading.Event()

    def on_batch(context, batch):
        events.extend(batch)
        if len(events) >= count:
            done.set()

    def on_error(context, error):
        result["receive_error"] = str(error)
        done.set()

    thread = threading.Thread(
        target=consumer.receive_batch,
        args=(on_batch,),
        kwargs={"partition_id": partition, "on_error": on_error, "max_batch_size": 500, "prefetch": 2000, **more},
    )
    thread.start()
    done.wait(60)
    consumer.close()
    thread.join(10)
    return events


events = receive("1", total, starting_position="-1", track_last_enqueued_event_properties=True)
bodies = [event.body_as_str() for event in events]
result["received"] = len(bodies)
result["in_order"] = bodies == [str(i) for i in range(total)]
result["sequence"] = [events[0].sequence_number, events[-1].sequence_number]
keyed = receive("2", 2, starting_position=-1, starting_position_inclusive=False, owner_level=3)
result["keyed"] = [
    [event.body_as_str(), event.partition_key.decode(), {k.decode(): v if isinstance(v, int) else v.decode() for k, v in event.properties.items()}]
    for event in keyed[:2]
]
print(json.dumps(result))
