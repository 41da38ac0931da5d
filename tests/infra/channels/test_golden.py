"""What each way out sends: as the files show it and its platform wants it, whatever is in it."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from forecasting.redact import redacted
from infra.deliver.records import Letter
from tests.infra.channels.golden import (
    CHECKS,
    PUBLISHED,
    WAYS,
    Recorder,
    check_golden,
    kept,
    requests,
    sent,
)
from tests.platform_letters import ZONES as LANGUAGES
from tests.platform_letters import hostile_letters, letters

LIMITS = {way: make(Recorder()).limits for way, (make, _) in WAYS.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", WAYS)
def test_the_files_are_current(way: str, language: Any) -> None:
    check_golden(f"{way}.{language}.json", requests(way, language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", PUBLISHED)
def test_what_is_sent_is_what_the_platform_documents(way: str, language: Any) -> None:
    requests = kept(f"{way}.{language}.json")
    assert {"opened", "updated", "resolved", "escalated", "repeated", "test"} <= requests.keys()
    assert ("digest" in requests) == (LIMITS[way].entries > 1)
    assert ("acknowledged" in requests) == ("acknowledged" in LIMITS[way].takes)
    for request in requests.values():
        CHECKS[way].validate(request["body"])
        assert request["headers"]["content-type"] == "application/json"


@pytest.mark.parametrize("way", PUBLISHED)
def test_a_test_says_so_and_no_message_shouts(way: str) -> None:
    for language, mark in (("en", "[test]"), ("zh", "【测试】")):
        requests = kept(f"{way}.{language}.json")
        for name, request in requests.items():
            words = json.dumps(request["body"], ensure_ascii=False)
            assert (mark in words) == (name == "test")
            assert not re.search(r"[!!]|\bAI\b", words)


def test_an_alert_of_pagerduty_is_one_from_trigger_to_resolve() -> None:
    requests = kept("pagerduty.en.json")
    actions = [
        (request["body"]["event_action"], request["body"]["dedup_key"])
        for name, request in requests.items()
        if name != "test"
    ]
    assert actions == [
        ("trigger", "inc_sample"),
        ("trigger", "inc_sample"),
        ("trigger", "inc_sample"),
        ("acknowledge", "inc_sample"),
        ("trigger", "inc_sample"),
        ("resolve", "inc_sample"),
    ]
    assert requests["test"]["body"]["dedup_key"] == "test_1"  # never closes a real one


@pytest.mark.parametrize("length", [255, 256, 5_000])
def test_an_alert_of_pagerduty_is_one_however_long_its_id(length: int) -> None:
    incident_id = "北" * length
    keys = set()
    for name in ("opened", "acknowledged", "resolved"):
        letter = letters("en")[name]
        (entry,) = letter.entries
        change = replace(entry.event.change, incident_id=incident_id)
        event = replace(entry.event, change=change)
        body = json.loads(
            sent("pagerduty", replace(letter, entries=(replace(entry, event=event),))).body
        )
        keys.add(body["dedup_key"])
        CHECKS["pagerduty"].validate(body)
    (key,) = keys
    assert len(key) <= 255
    assert (key == incident_id) == (length <= 255)


def test_an_alert_of_alertmanager_is_one_from_firing_to_resolved() -> None:
    requests = kept("alertmanager.en.json")
    alerts = [request["body"]["alerts"][0] for name, request in requests.items() if name != "test"]
    assert len({alert["fingerprint"] for alert in alerts}) == 1
    assert len({request["body"]["groupKey"] for request in requests.values()}) == 1
    assert [alert["status"] for alert in alerts][-2:] == ["firing", "resolved"]
    assert alerts[0]["endsAt"].startswith("0001-")
    assert alerts[-1]["endsAt"] == "2026-03-01T19:55:00Z"


@pytest.mark.parametrize("way", PUBLISHED)
def test_an_erased_post_is_not_sent(way: str) -> None:
    letter = letters("en")["opened"]
    event = redacted(letter.entries[0].event, {"sample:1"}, language="en")
    bare = replace(letter, entries=(replace(letter.entries[0], event=event),))
    assert b"kai_r" in sent(way, letter).body
    for told_of_it in (b"kai_r", b"in a garage", b"posts/1"):
        assert told_of_it not in sent(way, bare).body


# ---- strangers' words


@settings(max_examples=40)
@given(letter=hostile_letters(20))
def test_no_words_of_a_stranger_become_markup_in_slack(letter: Letter) -> None:
    body = json.loads(sent("slack", letter).body)
    CHECKS["slack"].validate(body)
    assert not re.search("[<>]", body["text"])
    for text in _texts(body):
        if text["type"] == "mrkdwn":
            link = r"<https?://[^<>|\s]+\|[^<>|&]+>"
            assert re.fullmatch(f"→ {link}( · {link})*", text["text"])
            assert text["verbatim"] is True


@settings(max_examples=40)
@given(letter=hostile_letters(20))
def test_no_words_of_a_stranger_become_markup_in_teams(letter: Letter) -> None:
    body = sent("teams", letter).body
    assert len(body) <= 28_000
    CHECKS["teams"].validate(json.loads(body))  # only kinds of text that know no markdown


@pytest.mark.parametrize("way", ["webhook", "alertmanager", "pagerduty"])
@settings(max_examples=25)
@given(letter=hostile_letters(1))
def test_no_words_of_a_stranger_break_what_a_machine_reads(way: str, letter: Letter) -> None:
    body = sent(way, replace(letter, notice_id="n")).body  # no stranger has a word in ids
    assert len(body) <= (20_000 if way == "webhook" else 100_000)
    CHECKS[way].validate(json.loads(body))


def _texts(found: Any) -> list[dict[str, Any]]:
    if isinstance(found, list):
        return [text for one in found for text in _texts(one)]
    if not isinstance(found, dict):
        return []
    own = [found] if found.get("type") in ("mrkdwn", "plain_text") else []
    return own + [text for one in found.values() for text in _texts(one)]
