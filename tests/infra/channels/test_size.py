"""Whatever strangers write and however long, each platform is sent what it takes."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from forecasting.evidence import Term
from infra.channels.wecom import MOST as WECOM
from infra.deliver.records import Entry, Letter
from tests.infra.channels.golden import CHECKS, WAYS, Recorder, sent
from tests.platform_letters import letters

LONG = {
    "cjk": "汉" * 9_000,
    "emoji": "👨\u200d👩\u200d👧\u200d👦" * 900,
    "one word": "x" * 9_000,
    "words": "battery fire " * 900,
    "quotes": '"' * 9_000,
    "backslashes": "\\" * 9_000,
    "markup": "<*&_[#@|>" * 900,
    "control": "\x01\u202e" * 4_000,
}
BYTES = {  # of the body, as each platform documents it
    "webhook": 20_000,
    "teams": 28_000,
    "feishu": 20_000,
    "dingtalk": 20_000,
    "pagerduty": 512_000,
    "alertmanager": 64_000,  # ours: Alertmanager's receivers have no limit in common
    "slack": 128_000,  # ours: it counts characters, which its schema has
    "wecom": 8_000,  # 4,096 of its content
}
LIMITS = {way: make(Recorder()).limits for way, (make, _) in WAYS.items()}


def long_letter(words: str, count: int) -> Letter:
    """Of `count` incidents of which every word is long, each with a number to find it by."""
    (plain,) = letters("en")["updated"].entries

    def one(number: int) -> Entry:
        event = plain.event
        example = replace(event.evidence.examples[0], text=words, author=words)
        evidence = replace(
            event.evidence,
            examples=(example,) * 20,
            first=example,
            terms=(Term(text=words, share=0.6, share_before=0.1),) * 9,
        )
        made = replace(
            event,
            change=replace(event.change, brand=words[:256], incident_id=f"i.{number}"),
            evidence=evidence,
            headline=f"No{number}. {words}",
            sentence=words,
            message="\n".join([words] * 9),
        )
        link = f"https://groundswell.example/incidents/i.{number}"
        return replace(plain, event=made, told=event.change, by=words, link=link)

    entries = tuple(map(one, range(count)))
    return replace(letters("en")["updated"], notice_id="n", entries=entries, more=count)


@pytest.mark.parametrize("words", LONG)
@pytest.mark.parametrize("way", WAYS)
def test_long_words_fit_and_no_incident_is_lost(way: str, words: str) -> None:
    for count in sorted({1, LIMITS[way].entries}):
        body = sent(way, long_letter(LONG[words], count)).body
        assert len(body) <= BYTES[way]
        said = json.loads(body)
        if way in CHECKS:
            CHECKS[way].validate(said)
        if way == "wecom":
            assert len(said["markdown"]["content"].encode()) <= WECOM
        shown = _strings(said)
        for number in range(count):
            assert any(f"No{number}." in one for one in shown), number


def _strings(found: Any) -> list[str]:
    match found:
        case str():
            return [found]
        case dict():
            return [text for one in found.values() for text in _strings(one)]
        case list():
            return [text for one in found for text in _strings(one)]
        case _:
            return []
