"""What Prometheus Alertmanager sends its webhook receivers, version 4, for those that exist.

One alert a message, so that `groupKey`, `status` and `fingerprint` are of one incident and stay the
same from its opening to its end. Form: prometheus.io/docs/alerting/latest/configuration, "webhook".
"""

import json
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from infra.channels import text
from infra.channels.channel import Channel, Limits, Request
from infra.channels.fit import cut
from infra.channels.http_channel import HttpChannel
from infra.channels.levels import level
from infra.channels.post import Post
from infra.channels.tone import is_open
from infra.deliver.records import Letter
from infra.receivers import AlertmanagerReceiver

LIMITS = Limits(entries=1)

NOT_YET = "0001-01-01T00:00:00Z"
"""The end of an alert that goes on, as Go writes no time."""

LONGEST = 4_000
"""Characters of the description."""


def channel(sender: Post, *, page_url: str = "") -> Channel:
    """The way to receivers of Alertmanager's webhooks; `page_url` is told as its own address."""

    def request(receiver: AlertmanagerReceiver, letter: Letter, now: datetime) -> Request:  # noqa: ARG001
        headers = {"content-type": "application/json"}
        if receiver.token is not None:
            headers["authorization"] = f"Bearer {receiver.token.get_secret_value()}"
        return Request(
            url=receiver.url,
            body=msgspec.json.encode(body(receiver, letter, page_url=page_url)),
            headers=headers,
        )

    return HttpChannel(sender, AlertmanagerReceiver, request, limits=LIMITS)


def body(
    receiver: AlertmanagerReceiver, letter: Letter, *, page_url: str = ""
) -> dict[str, object]:
    """The group of one alert."""
    (entry,) = letter.entries
    change = entry.event.change
    status = "firing" if is_open(entry) else "resolved"
    group = {"brand": change.brand, "incident_id": change.incident_id}
    labels = {
        "alertname": "".join(word.title() for word in change.kind.split("_")),
        "brand": change.brand,
        "kind": change.kind,
        "severity": level(change.severity),
        "incident_id": change.incident_id,
        **({"test": "true"} if entry.kind == "test" else {}),
    }
    annotations = {
        "summary": cut(text.title(letter), LONGEST),
        "description": cut(text.message(letter).partition("\n")[2], LONGEST),
        "severity": f"{change.severity} of 10",
    }
    ends = change.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    alert = {
        "status": status,
        "labels": labels,
        "annotations": annotations,
        "startsAt": change.opened_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "endsAt": NOT_YET if status == "firing" else ends,
        "generatorURL": entry.link,
        # Of the incident alone: Alertmanager's is of all labels, but our severity may change.
        "fingerprint": sha256(change.incident_id.encode()).hexdigest()[:16],
    }
    key = ", ".join(f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in group.items())
    return {
        "version": "4",
        "groupKey": f"{{}}:{{{key}}}",
        "truncatedAlerts": 0,
        "status": status,
        "receiver": receiver.name,
        "groupLabels": group,
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": page_url,
        "alerts": [alert],
    }
