"""Letters to put into every platform's form, and strangers' words that try to break out of it."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from msgspec.structs import replace

from forecasting.evidence import Term
from forecasting.phrases import Language
from forecasting.records import IncidentEvent
from forecasting.tell import told
from infra.channels.sample import sample_event, sample_letter
from infra.deliver.records import Entry, Kind, Letter

AT = datetime(2026, 3, 1, 14, 55, tzinfo=UTC)
NOW = AT + timedelta(hours=5, minutes=1)
PAGE = "https://groundswell.example"
ZONES: dict[Language, str] = {"en": "Europe/Berlin", "zh": "Asia/Shanghai"}


def event(language: Language, incident_id: str = "inc_sample", **changed: Any) -> IncidentEvent:
    """The opening of an incident in words; `changed` are fields of IncidentChange."""
    opened = sample_event(AT, language=language, timezone=ZONES[language])
    return followed(opened, language, incident_id=incident_id, **changed)


def followed(before: IncidentEvent, language: Language, **changed: Any) -> IncidentEvent:
    """What is told next of it."""
    change = replace(before.change, **changed)
    return told(replace(before, change=change), language, ZoneInfo(ZONES[language]))


def entry(kind: Kind, of: IncidentEvent, **fields: Any) -> Entry:
    """With a link to the incident's page."""
    return Entry(kind=kind, event=of, link=f"{PAGE}/incidents/{of.change.incident_id}", **fields)


def letter(*entries: Entry, language: Language = "en", minutes: int = 0, **fields: Any) -> Letter:
    """Under the id of its event, decided so many minutes after it."""
    made = {
        "notice_id": entries[0].event.change.event_id,
        "entries": entries,
        "language": language,
        "timezone": ZONES[language],
        "decided_at": entries[0].event.change.at + timedelta(minutes=minutes),
    }
    return Letter(**{**made, **fields})


def letters(language: Language) -> dict[str, Letter]:
    """One of each sort, in the order they would come."""
    opened = event(language)
    grew = followed(
        opened, language, change="updated", number=2, at=AT + timedelta(minutes=25), reason="grew",
        severity=8, observed=380, share=0.71, total_negative=520, peak_observed=380,
    )  # fmt: skip
    over = followed(
        grew, language, change="resolved", number=3, at=AT + timedelta(hours=5), reason="calm",
        observed=33, share=0.2, total_negative=1204, growing=False, returns_at=None,
    )  # fmt: skip
    first, second = opened.change, grew.change
    other = event(
        language, "inc_other", brand="Contoso", severity=5, observed=60, kind="mood_shift",
        share=0.33,
    )  # fmt: skip
    ended = followed(over, language, brand="Fabrikam", incident_id="inc_third")

    def one(of: Entry, notice_id: str = "", *others: Entry, **fields: Any) -> Letter:
        named = {"notice_id": notice_id} if notice_id else {}
        return letter(of, *others, language=language, **named, **fields)

    acknowledged = entry("acknowledged", grew, told=second, by="Ann")
    updated = entry("updated", grew, told=first)
    repeated = entry("repeated", grew, told=second)
    return {
        "opened": one(entry("opened", opened)),
        "updated": one(updated),
        "escalated": one(entry("escalated", grew), f"{second.event_id}.escalated.1", minutes=5),
        "acknowledged": one(acknowledged, "inc_sample.acknowledged", minutes=9),
        "repeated": one(repeated, f"{second.event_id}.repeated.1", minutes=240),
        "resolved": one(entry("resolved", over, told=second)),
        "digest": one(
            updated,
            "dig_0123456789abcdef01234567",
            entry("opened", other),
            entry("resolved", ended),
            more=4,
        ),
        "test": sample_letter(
            "test_1",
            AT,
            language=language,
            timezone=ZONES[language],
            link=f"{PAGE}/incidents/inc_sample",
        ),
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
    "<!channel> <!here> <@U024BE7LH> <https://evil.example|login>",
    '"}]}, {"type": "section"',
    "\u202eesrever \u200b\ufeff\x00\x1b[2J\r\n\u2028",
    "&lt;!channel&gt; &amp;",
    "\U0001f525" * 300,
)
URLS = (
    "javascript:alert(1)",
    "data:text/html,x",
    "https://evil.example/) [x](https://evil.example",
    'https://evil.example/"><script>',
    "https://evil.example/\r\nBcc: x",
    "https://evil.example/" + "a" * 5000,
    "",
    "https://evil.example/>|<!channel>",
    "https://evil.example/a|b)c](d",
    "http://user:pass@evil.example/",
    "https://posts.example/1?a=b&c=d",
)
words = st.lists(st.sampled_from(ATTACKS) | st.text(max_size=40), max_size=4).map(" ".join)


@st.composite
def hostile_letters(draw: st.DrawFn, most: int = 5) -> Letter:
    """Of one incident or up to `most`, with words and links of people who mean harm."""
    language: Language = draw(st.sampled_from(("en", "zh")))

    plain = _opening(language)

    def harmed(number: int) -> Entry:
        one = plain.evidence.examples[0]
        examples = tuple(
            replace(one, author=draw(words), text=draw(words), url=draw(st.sampled_from(URLS)))
            for _ in range(draw(st.integers(0, 6)))
        )
        evidence = replace(
            plain.evidence,
            examples=examples,
            first=examples[0] if examples else None,
            terms=(Term(text=draw(words), share=0.6, share_before=0.1),) * 3,
        )
        change = replace(plain.change, incident_id=f"i.{number}", brand=draw(words)[:256] or "b")
        made = told(replace(plain, change=change, evidence=evidence), language)
        if draw(st.booleans()):
            made = replace(
                made,
                headline=draw(words),
                sentence=draw(words),
                message="\n".join(draw(st.lists(words, max_size=8))),
            )
        kinds = ("opened", "updated", "resolved", "escalated", "repeated", "test")
        kind: Kind = draw(st.sampled_from(kinds))
        before = replace(change, severity=3) if kind != "opened" else None
        return entry(kind, made, told=before, by=draw(words))

    count = draw(st.sampled_from((1, 1, 1, min(2, most), most)))
    return letter(*map(harmed, range(count)), language=language, notice_id=draw(words) or "n")


@cache
def _opening(language: Language) -> IncidentEvent:
    return event(language)
