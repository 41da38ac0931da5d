"""Letters to put into every platform's form, and strangers' words that try to break out of it."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from forecasting.phrases import Language
from forecasting.records import Evidence, Example, IncidentChange, IncidentEvent, Part, Term
from forecasting.tell import told
from infra.deliver.records import Entry, Kind, Letter

GOLDEN = Path(__file__).parent / "infra" / "channels" / "golden"
SINCE = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 23, 20, tzinfo=UTC)
PAGE = "https://groundswell.example/incidents/"
ZONES = {"en": "Europe/London", "zh": "Asia/Shanghai"}
BRANDS = {"en": ("Northwind", "Contoso"), "zh": ("北风汽车", "康多")}
TERMS = {"en": "battery fire", "zh": "电池起火"}
POSTS = {
    "en": "Another Northwind battery fire, this one in a garage.",
    "zh": "北风汽车又一起电池起火,这次是在车库里。",
}


def event(
    language: Language, incident_id: str = "northwind.1", *, number: int = 1, **changed: Any
) -> IncidentEvent:
    """A change of an incident in words; `changed` are fields of IncidentChange."""
    at = SINCE + timedelta(minutes=10 * number)
    example = Example(
        post_id="bluesky:at://did:plc:kai/app.bsky.feed.post/3k1",
        author="kai_r",
        followers=84_000,
        url="https://bsky.app/profile/kai_r/post/3k1",
        text=POSTS[language],
        published_at=SINCE - timedelta(minutes=4),
        p_negative=0.97,
    )
    fields: dict[str, Any] = {
        "incident_id": incident_id,
        "brand": BRANDS[language][0],
        "kind": "negative_surge",
        "change": "opened" if number == 1 else "updated",
        "number": number,
        "opened_at": SINCE + timedelta(minutes=10),
        "since": SINCE,
        "at": at,
        "reason": "new" if number == 1 else "grew",
        "severity": min(6 + number, 10),
        "score": 8.5,
        "observed": 114 + 100 * number,
        "expected": 31.0,
        "expected_lower": 18.0,
        "expected_upper": 52.0,
        "share": 0.64,
        "share_expected": 0.21,
        "total_negative": 231 * number,
        "peak_observed": 114 + 100 * number,
        "growing": True,
    }
    made = IncidentEvent(
        change=IncidentChange(**{**fields, **changed}),
        evidence=Evidence(
            terms=(Term(text=TERMS[language], share=0.61, share_before=0.01),),
            sources=(Part(name="bluesky", count=180), Part(name="mastodon", count=34)),
            languages=(Part(name=language, count=214),),
            authors=143,
            reposts=81,
            organic_share=0.62,
            examples=(
                example,
                replace(example, author="mo", followers=12, url="https://m.example/@mo/2"),
            ),
            first=example,
            stamps=None,
        ),
    )
    return told(made, language, ZoneInfo(ZONES[language]))


def entry(kind: Kind, of: IncidentEvent, **fields: Any) -> Entry:
    """With a link to the incident's page."""
    return Entry(kind=kind, event=of, link=PAGE + of.change.incident_id, **fields)


def letter(*entries: Entry, language: Language = "en", **fields: Any) -> Letter:
    """Under the id of its event, decided a minute before NOW."""
    made = {
        "notice_id": entries[0].event.change.event_id,
        "entries": entries,
        "language": language,
        "timezone": ZONES[language],
        "decided_at": NOW - timedelta(minutes=1),
    }
    return Letter(**{**made, **fields})


def letters(language: Language) -> dict[str, Letter]:
    """One of each sort."""
    opened, grew = event(language), event(language, number=2)
    ended = event(language, number=3, change="resolved", reason="calm", growing=False, observed=40)
    other = event(language, "contoso.1", brand=BRANDS[language][1], severity=5)
    escalated = entry("escalated", opened, told=opened.change)
    return {
        "opened": letter(entry("opened", opened), language=language),
        "updated": letter(entry("updated", grew, told=opened.change), language=language),
        "resolved": letter(entry("resolved", ended, told=grew.change), language=language),
        "escalated": letter(escalated, language=language, notice_id="northwind.1.1.escalated.1"),
        "digest": letter(
            entry("updated", grew, told=opened.change),
            entry("opened", other),
            language=language,
            notice_id="dig_0123456789abcdef01234567",
            more=3,
        ),
        "test": letter(entry("test", opened), language=language, notice_id="test.1"),
    }


def digest(count: int, headline: str = "") -> Letter:
    """Of `count` incidents, each with a number to find it by, with headlines of any length."""
    plain = event("en")
    entries = [
        entry(
            "opened",
            replace(
                plain,
                change=replace(plain.change, incident_id=f"i.{number}"),
                headline=f"No{number}. {headline}",
            ),
        )
        for number in range(count)
    ]
    return letter(*entries, notice_id="dig_1")


ATTACKS = (
    "<at id=all></at>",
    "<at user_id='all'>all</at>",
    "<@all>",
    "@all",
    "@所有人",
    "[click](https://evil.example)",
    "![x](https://evil.example/pixel.png)",
    "**bold** _i_ ~~no~~ `code`",
    "# heading",
    "1. list",
    "> quoted",
    "---",
    "<script>alert(1)</script>",
    '"><img src=https://evil.example/x onerror=alert(1)>',
    "\r\nBcc: eve@evil.example",
    "\r\n\r\n.\r\nMAIL FROM:<eve@evil.example>",
    "\n\n# new line",
    "\\",
    "]]>",
    "&lt;script&gt;",
    "{{ 1 }} {0} %s",
    "\u202egnirts\u202c",
    "\u0000\u001b[31m",
    "👨‍👩‍👧‍👦" * 40,
    "汉" * 3000,
    "x" * 9000,
)
URLS = (
    "javascript:alert(1)",
    "data:text/html,x",
    "https://evil.example/) [x](https://evil.example",
    'https://evil.example/"><script>',
    "https://evil.example/\r\nBcc: x",
    "https://evil.example/" + "a" * 5000,
    "",
    "https://posts.example/1?a=b&c=d",
)
words = st.lists(st.sampled_from(ATTACKS) | st.text(max_size=40), max_size=4).map(" ".join)


@st.composite
def hostile_letters(draw: st.DrawFn) -> Letter:
    """Of one incident or several, with words and links of people who mean harm."""

    def harmed(number: int) -> Entry:
        plain = event("en", f"i.{number}")
        (one, _) = plain.evidence.examples
        examples = tuple(
            replace(one, author=draw(words), text=draw(words), url=draw(st.sampled_from(URLS)))
            for _ in range(draw(st.integers(0, 6)))
        )
        made = replace(
            plain,
            change=replace(plain.change, brand=draw(words)),
            headline=draw(words),
            sentence=draw(words),
            message="\n".join(draw(st.lists(words, max_size=8))),
            evidence=replace(plain.evidence, examples=examples),
        )
        kind: Kind = draw(st.sampled_from(("opened", "resolved", "escalated", "repeated", "test")))
        return entry(kind, made)

    count = draw(st.sampled_from((1, 1, 1, 2, 5)))
    language: Language = draw(st.sampled_from(("en", "zh")))
    return letter(*map(harmed, range(count)), language=language, notice_id=draw(words) or "n")


def check_golden(name: str, made: dict[str, Any]) -> None:
    """What is made is what the file says; GOLDEN=write in the environment writes the file."""
    path = GOLDEN / name
    said = msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(said)
    assert path.read_bytes().decode() == said.decode()
