"""PagerDuty, Events API v2: an alert is triggered, acknowledged and resolved by the incident's id.

Form and limits: developer.pagerduty.com/docs/events-api-v2.
"""

from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from infra.channels import text
from infra.channels.actions import open_label
from infra.channels.channel import ALL, Channel, Limits, Request
from infra.channels.fit import cut, fits
from infra.channels.http_channel import HttpChannel, refusing
from infra.channels.levels import level
from infra.channels.post import Post
from infra.channels.quotes import quotes_of, spoken
from infra.deliver.records import Kind, Letter
from infra.receivers import PagerDutyReceiver

LIMITS = Limits(entries=1, per_minute=120, takes=ALL | {"acknowledged"})
SUMMARY, DEDUP_KEY, DETAIL = 1_024, 255, 8_000
"""Characters."""

ACTIONS: dict[Kind, str] = {"acknowledged": "acknowledge", "resolved": "resolve"}
"""Everything else triggers: with a known key it is added to the alert that there is."""


def channel(sender: Post) -> Channel:
    """The way to PagerDuty. An event that it calls invalid (400) it will never take."""
    return HttpChannel(sender, PagerDutyReceiver, request, limits=LIMITS, judge=refusing(400))


def request(receiver: PagerDutyReceiver, letter: Letter, now: datetime) -> Request:  # noqa: ARG001
    """The event, with the service's key."""
    return Request(
        url=receiver.url,
        body=msgspec.json.encode(body(receiver.routing_key.get_secret_value(), letter)),
        headers={"content-type": "application/json"},
    )


def body(routing_key: str, letter: Letter) -> dict[str, object]:
    """The event. Acknowledging and resolving need nothing but the key."""
    (entry,) = letter.entries
    change = entry.event.change
    key = letter.notice_id if entry.kind == "test" else change.incident_id
    event: dict[str, object] = {
        "routing_key": routing_key,
        "event_action": ACTIONS.get(entry.kind, "trigger"),
        "dedup_key": key if len(key) <= DEDUP_KEY else sha256(key.encode()).hexdigest(),
    }
    if entry.kind in ACTIONS:
        return event
    links = [{"href": q.url, "text": q.label} for q in quotes_of(letter) if q.url]
    if entry.link:
        links.insert(0, {"href": entry.link, "text": open_label(letter)})
        event["client_url"] = entry.link
    return {
        **event,
        "client": "Groundswell",
        "links": links,
        "payload": {
            "summary": cut(text.title(letter), SUMMARY),
            "source": change.brand,
            "severity": "info" if entry.kind == "test" else level(change.severity),
            "timestamp": change.at.astimezone(UTC).isoformat(),
            "group": change.brand,
            "class": change.kind,
            "custom_details": _details(letter),
        },
    }


def _details(letter: Letter) -> dict[str, object]:
    (entry,) = letter.entries
    change = entry.event.change
    return {
        "message": "\n".join(fits(text.lines(letter), DETAIL)),
        "severity": change.severity,
        "observed": change.observed,
        "expected": [
            round(change.expected_lower),
            round(change.expected),
            round(change.expected_upper),
        ],
        "share": round(change.share, 3),
        "since": change.since.astimezone(UTC).isoformat(),
        "examples": [spoken(q, letter) for q in quotes_of(letter)],
    }
