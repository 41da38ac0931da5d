"""What each way out sends of the same letters, as files to read.

`python -m tests.infra.channels.golden` writes them anew.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from pydantic import SecretStr

from forecasting.phrases import Language
from forecasting.records import IncidentEvent
from forecasting.tell import told
from infra.channels import alertmanager, pagerduty, slack, teams, webhook
from infra.channels.channel import Channel, Request
from infra.channels.post import Post, Reply
from infra.channels.sample import sample_event, sample_letter
from infra.deliver.records import Entry, Letter
from infra.receivers import (
    AlertmanagerReceiver,
    PagerDutyReceiver,
    Receiver,
    SlackReceiver,
    TeamsReceiver,
    WebhookReceiver,
)

FOLDER = Path(__file__).parent / "golden"
AT = datetime(2026, 3, 1, 14, 55, tzinfo=UTC)
LANGUAGES: dict[Language, str] = {"en": "Europe/Berlin", "zh": "Asia/Shanghai"}
PAGE = "https://groundswell.example.com"

WAYS: dict[str, tuple[Callable[[Post], Channel], Receiver]] = {
    "webhook": (
        webhook.channel,
        WebhookReceiver(
            name="team",
            url="https://hooks.example.com/groundswell",
            secret=SecretStr("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"),
            old_secrets=(SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),),
        ),
    ),
    "alertmanager": (
        lambda post: alertmanager.channel(post, page_url=PAGE),
        AlertmanagerReceiver(
            name="team",
            type="alertmanager",
            url="https://hooks.example.com/alerts",
            token=SecretStr("token-of-a-test"),
        ),
    ),
    "slack": (
        slack.channel,
        SlackReceiver(
            name="team",
            type="slack",
            url=SecretStr("https://hooks.example.com/services/T0/B0/test"),
        ),
    ),
    "teams": (
        teams.channel,
        TeamsReceiver(
            name="team", type="teams", url=SecretStr("https://flow.example.com/workflows/test")
        ),
    ),
    "pagerduty": (
        pagerduty.channel,
        PagerDutyReceiver(name="team", type="pagerduty", routing_key=SecretStr("key-of-a-test")),
    ),
}


class Recorder(Post):
    """Sends nothing, answers 200, and keeps what it was given."""

    def __init__(self) -> None:  # no client is opened
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Reply:
        """Keep it."""
        self.requests.append(request)
        return Reply(status=200)


def letters(language: Language) -> dict[str, Letter]:
    """One letter of each kind, in the order they would come."""
    zone = LANGUAGES[language]
    opened = sample_event(AT, language=language, timezone=zone)
    later = AT + timedelta(minutes=25)
    grew = _next(
        opened, language, change="updated", number=2, at=later, reason="grew", severity=8,
        observed=380, share=0.71, total_negative=520, peak_observed=380,
    )  # fmt: skip
    over = _next(
        grew, language, change="resolved", number=3, at=AT + timedelta(hours=5), reason="calm",
        observed=33, share=0.2, total_negative=1204, growing=False, returns_at=None,
    )  # fmt: skip
    first, second, last = opened.change, grew.change, over.change
    other = _next(
        opened, language, brand="Contoso", incident_id="inc_other", severity=5, observed=60,
        kind="mood_shift", share=0.33,
    )  # fmt: skip
    ended = _next(over, language, brand="Fabrikam", incident_id="inc_third")

    def letter(name: str, *entries: Entry, more: int = 0, minutes: int = 0) -> Letter:
        at = entries[0].event.change.at + timedelta(minutes=minutes)
        return Letter(
            notice_id=name, entries=entries, more=more, language=language, timezone=zone,
            decided_at=at,
        )  # fmt: skip

    def entry(kind: Any, event: IncidentEvent, **more: Any) -> Entry:
        return Entry(
            kind=kind, event=event, link=f"{PAGE}/incidents/{event.change.incident_id}", **more
        )

    return {
        "opened": letter(first.event_id, entry("opened", opened)),
        "updated": letter(second.event_id, entry("updated", grew, told=first)),
        "escalated": letter(f"{second.event_id}.escalated.1", entry("escalated", grew), minutes=5),
        "acknowledged": letter(
            "inc_sample.acknowledged", entry("acknowledged", grew, told=second, by="Ann"), minutes=9
        ),
        "repeated": letter(
            f"{second.event_id}.repeated.1", entry("repeated", grew, told=second), minutes=240
        ),
        "resolved": letter(last.event_id, entry("resolved", over, told=second)),
        "digest": letter(
            "dig_0123456789abcdef01234567",
            entry("updated", grew, told=first),
            entry("opened", other),
            entry("resolved", ended),
            more=4,
        ),
        "test": sample_letter(
            "test_1", AT, language=language, timezone=zone, link=f"{PAGE}/incidents/inc_sample"
        ),
    }


def sent(way: str, letter: Letter) -> Request:
    """What this way sends of a letter."""

    async def record() -> Request:
        recorder = Recorder()
        channel, receiver = WAYS[way]
        await channel(recorder).send(receiver, letter, now=AT + timedelta(hours=5, minutes=1))
        return recorder.requests[0]

    return asyncio.run(record())


def golden(way: str, language: Language) -> str:
    """The requests of a way in a language, by the kind of letter, as its file holds them."""
    limits = WAYS[way][0](Recorder()).limits
    requests = {}
    for name, letter in letters(language).items():
        kinds = {entry.kind for entry in letter.entries}
        if len(letter.entries) <= limits.entries and kinds <= limits.takes:
            request = sent(way, letter)
            requests[name] = {
                "url": request.url,
                "headers": request.headers,
                "body": json.loads(request.body),
            }
    return json.dumps(requests, ensure_ascii=False, indent=1) + "\n"


def path(way: str, language: Language) -> Path:
    """Where it is kept."""
    return FOLDER / f"{way}.{language}.json"


def _next(event: IncidentEvent, language: Language, **changed: Any) -> IncidentEvent:
    change = replace(event.change, **changed)
    return told(replace(event, change=change), language, ZoneInfo(LANGUAGES[language]))


if __name__ == "__main__":
    for name in WAYS:
        for spoken in LANGUAGES:
            path(name, spoken).write_text(golden(name, spoken), encoding="utf-8")
