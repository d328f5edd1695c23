"""Asks a Resource Manager on loopback for metrics with the client of Azure for Python.

usage: monitor.py ENDPOINT SUBSCRIPTION RESOURCE TIMESPAN
Prints one JSON document: {"definitions": [...], "series": [...], "error": TEXT}.
"""
import json
import sys
import time

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy
from azure.mgmt.monitor import MonitorManagementClient

endpoint, subscription, resource, timespan = sys.argv[1:]


class Token:
    def get_token(self, *scopes, **options):
        return AccessToken("token", int(time.time()) + 3600)


# A Resource Manager without TLS.
BearerTokenCredentialPolicy._enforce_https = staticmethod(lambda request: None)
client = MonitorManagementClient(Token(), subscription, base_url=endpoint)


def ask(**query):
    return client.metrics.list(resource, timespan=timespan, interval="PT1M", **query)


answer = ask(
    metricnames="IncomingMessages,OutgoingMessages",
    aggregation="Total",
    filter="EntityName eq '*'",
    top=100,
)
series = [
    [
        metric.name.value,
        metric.unit,
        [[value.name.value, value.value] for value in one.metadatavalues],
        [[point.time_stamp.isoformat(), point.total] for point in one.data],
    ]
    for metric in answer.value
    for one in metric.timeseries
]
try:
    ask(metricnames="Lag")
    error = None
except HttpResponseError as failure:
    error = [failure.status_code, str(failure)]
definitions = [
    [one.name.value, one.unit, one.primary_aggregation_type, [dimension.value for dimension in one.dimensions]]
    for one in client.metric_definitions.list(resource)
]
print(json.dumps({"definitions": definitions, "series": series, "error": error}))
