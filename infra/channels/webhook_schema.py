"""Writes schemas/incident.v1.json from the records: `python -m infra.channels.webhook_schema`."""

from importlib.resources import files
from pathlib import Path

import msgspec

from infra.channels.webhook_body import WebhookBody

PATH = Path(str(files("infra"))) / "schemas" / "incident.v1.json"


def schema() -> bytes:
    """The JSON Schema (2020-12) of a webhook's body, as it is kept on disk."""
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "groundswell/incident.v1.json",
        "title": "Groundswell incident webhook, version 1",
        **msgspec.json.schema(WebhookBody),
    }
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"


if __name__ == "__main__":
    PATH.write_bytes(schema())
