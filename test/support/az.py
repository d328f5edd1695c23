"""Runs commands of the Azure CLI on a Resource Manager on loopback, with a token instead of a login.

usage: az.py ENDPOINT SUBSCRIPTION COMMANDS, where COMMANDS is a JSON list of lists of words.
Prints one JSON document: {"answers": [...]}, with the answer to each command, or {"error": TEXT}.
"""
import io
import json
import logging
import os
import sys
import tempfile
import time

endpoint, subscription, commands = sys.argv[1:]
folder = tempfile.TemporaryDirectory()
os.environ["AZURE_CONFIG_DIR"] = folder.name
os.environ["AZURE_CORE_COLLECT_TELEMETRY"] = "no"

from azure.cli.core import get_default_cli
from azure.cli.core._profile import Profile
from azure.core.credentials import AccessToken
from azure.core.pipeline.policies import BearerTokenCredentialPolicy
from azure.mgmt.core.polling.arm_polling import ARMPolling

CLOUD = "embedded"


class Token:
    def get_token(self, *scopes, **options):
        return AccessToken("token", int(time.time()) + 3600)


# A Resource Manager without a directory and without TLS, where nothing takes half a minute.
Profile._create_credential = lambda self, account, *args, **options: Token()
BearerTokenCredentialPolicy._enforce_https = staticmethod(lambda request: None)
ARMPolling._extract_delay = lambda self: 0


class Errors(logging.Handler):
    """What az tells people."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


def run(words):
    shown, errors = io.StringIO(), Errors()
    log = logging.getLogger("cli")
    log.addHandler(errors)
    try:
        code = get_default_cli().invoke([*words, "--output", "json"], out_file=shown)
    except SystemExit as exit:
        code = exit.code
    finally:
        log.removeHandler(errors)
    return json.loads(shown.getvalue() or "null") if code == 0 else {"error": " ".join(errors.texts)}


account = {
    "id": subscription,
    "name": "local",
    "state": "Enabled",
    "isDefault": True,
    "tenantId": subscription,
    "environmentName": CLOUD,
    "user": {"name": "test", "type": "servicePrincipal"},
}
with open(os.path.join(folder.name, "azureProfile.json"), "w") as file:
    json.dump({"installationId": subscription, "subscriptions": [account]}, file)
nowhere = "https://directory.invalid"
endpoints = {
    "resource-manager": endpoint,
    "active-directory": nowhere,
    "active-directory-resource-id": nowhere,
    "active-directory-graph-resource-id": nowhere,
}
named = [word for name, url in endpoints.items() for word in (f"--endpoint-{name}", url)]
for words in (
    ["cloud", "register", "--name", CLOUD, *named],
    ["cloud", "set", "--name", CLOUD],
):
    answer = run(words)
    if answer:
        sys.exit(f"{words}: {answer}")

print(json.dumps({"answers": [run(words) for words in json.loads(commands)]}))
