"""The words: the order, both languages, and what is never said."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.records import (
    Change,
    Evidence,
    Example,
    IncidentChange,
    IncidentEvent,
    Part,
    Term,
)
from forecasting.tell import Language, headline, message
from processors.pseudonym import pseudonym

AT = datetime(2026, 3, 1, 23, 40, tzinfo=UTC)
KAI = Example(
    post_id="bluesky:1",
    author="kai_r",
    followers=84_000,
    url="https://bluesky.example/1",
    text="Battery fire!\nIn our street",
    published_at=AT - timedelta(minutes=49),
    p_negative=0.9,
)
CHANGE = IncidentChange(
    incident_id="inc_0123456789ab",
    brand="Northwind",
    kind="negative_surge",
    change="opened",
    number=1,
    opened_at=AT,
    since=AT - timedelta(minutes=45),
    at=AT,
    reason="new",
    severity=7,
    score=5.5,
    observed=214,
    expected=31.2,
    expected_lower=17.6,
    expected_upper=52.4,
    share=0.64,
    share_expected=0.21,
    total_negative=260,
    peak_observed=230,
    growing=True,
)
EVIDENCE = Evidence(
    terms=(
        Term(text="battery fire", share=0.61, share_before=0.02),
        Term(text="recall", share=0.2, share_before=0.01),
    ),
    sources=(Part(name="bluesky", count=150), Part(name="mastodon", count=64)),
    languages=(Part(name="en", count=200), Part(name="zh", count=14)),
    authors=143,
    reposts=81,
    organic_share=0.62,
    examples=(KAI,),
    first=KAI,
    stamps=None,
)
EVENT = IncidentEvent(change=CHANGE, evidence=EVIDENCE)


def changed(simulated: bool = False, **changes: object) -> IncidentEvent:
    change = msgspec.structs.replace(CHANGE, **changes)
    return msgspec.structs.replace(EVENT, change=change, simulated=simulated)


RESOLVED = changed(change="resolved", reason="calm", at=AT + timedelta(hours=3), growing=False)


def test_the_whole_message_in_english() -> None:
    assert message(EVENT, "en", UTC).splitlines() == [
        "🔴 Northwind · negative surge · severity 7 of 10",
        "214 negative posts in the last hour, 31 expected (18-52). 64 % negative, 21 % is normal. "
        "Since 22:55 (UTC), still growing.",
        '"battery fire" in 61 % of them, 2 % before, first seen 22:51 (@kai_r, 84 k followers). '
        'Also "recall" 20 %. 143 distinct authors; 81 reposts or copies; organic 62 %.',
        "From bluesky 150, mastodon 64. Languages: en 200, zh 14.",
        '→ @kai_r, 84 k followers "Battery fire! In our street" https://bluesky.example/1',
    ]


def test_the_whole_message_in_chinese() -> None:
    event = changed(brand="北风汽车")
    assert message(event, "zh", ZoneInfo("Asia/Shanghai")).splitlines() == [
        "🔴 北风汽车 · 负面激增 · 严重度 7/10",
        "过去 1 小时负面 214 条,正常约 31 条(18-52)。负面占比 64 %,平时 21 %。"
        "始于 06:55(Asia/Shanghai),仍在上升。",
        '其中 61 % 提到"battery fire"(此前 2 %),最早 06:51(@kai_r,8.4 万粉丝)。'
        '另有"recall" 20 %。143 个独立作者,转发或雷同 81 条,自发程度 62 %。',
        "来源:bluesky 150, mastodon 64。语言:en 200, zh 14。",
        '→ @kai_r,8.4 万粉丝 "Battery fire! In our street" https://bluesky.example/1',
    ]


def test_resolved_tells_how_long_how_many_and_the_peak() -> None:
    assert message(RESOLVED, "en", UTC).splitlines() == [
        "🟢 Northwind · negative surge is over · severity 7 of 10 at worst",
        "Lasted 3 h 45 min, 03-01 22:55 to 02:40 (UTC). 260 negative posts in all, 230 in the "
        "worst hour. 214 in the last hour now, 31 expected (18-52).",
    ]
    assert "持续 3 小时 45 分钟" in message(RESOLVED, "zh", UTC)


def test_an_update_says_that_it_has_grown() -> None:
    assert headline(changed(change="updated", number=2), "en") == (
        "🔴 Northwind · negative surge has grown · severity 7 of 10"
    )


def test_an_expired_incident_says_that_it_did_not_fade() -> None:
    event = changed(change="resolved", reason="expired")
    assert "did not fade" in message(event, "en")
    assert "did not fade" not in message(RESOLVED, "en")
    assert "未回落" in message(event, "zh")


def test_simulated_is_said_in_the_first_line_and_the_second() -> None:
    event = changed(simulated=True)
    assert headline(event, "en", UTC).startswith("🔴 [simulated] Northwind")
    assert message(event, "en", UTC).splitlines()[1].startswith("Simulated:")
    assert headline(event, "zh", UTC).startswith("🔴 【模拟】Northwind")
    assert "simulated" not in message(EVENT, "en", UTC).lower()


def test_nothing_is_said_of_what_is_not_known() -> None:
    bare = Evidence(
        terms=(),
        sources=(),
        languages=(),
        authors=0,
        reposts=0,
        organic_share=0.0,
        examples=(),
        first=None,
        stamps=None,
    )
    told = message(msgspec.structs.replace(EVENT, evidence=bare), "en", UTC)
    assert len(told.splitlines()) == 2
    assert "organic" not in told


@pytest.mark.parametrize(
    ("followers", "en", "zh"),
    [
        (0, "@kai_r ", "@kai_r "),
        (999, "999 followers", "999 粉丝"),
        (1234, "1.2 k followers", "1234 粉丝"),
        (84_000, "84 k followers", "8.4 万粉丝"),
        (999_999, "1 M followers", "100 万粉丝"),
        (2_500_000_000, "2.5 G followers", "25 亿粉丝"),
    ],
)
def test_reach_is_short(followers: int, en: str, zh: str) -> None:
    kai = msgspec.structs.replace(KAI, followers=followers)
    evidence = msgspec.structs.replace(EVIDENCE, examples=(kai,))
    event = msgspec.structs.replace(EVENT, evidence=evidence)
    assert en in message(event, "en").splitlines()[-1]
    assert zh in message(event, "zh").splitlines()[-1]


def test_an_author_under_a_pseudonym_is_told_in_short() -> None:
    nobody = msgspec.structs.replace(KAI, author=pseudonym("bluesky", "kai_r", b"key"))
    evidence = msgspec.structs.replace(EVIDENCE, first=nobody, examples=(nobody,))
    event = msgspec.structs.replace(EVENT, evidence=evidence)
    short = nobody.author[:5]
    assert f"first seen 22:51 (author {short}…, 84 k followers)." in message(event, "en")
    assert f'→ author {short}…, 84 k followers "Battery' in message(event, "en")
    assert f"最早 22:51(作者 {short}…,8.4 万粉丝)" in message(event, "zh")


def test_a_link_is_a_link_or_left_out() -> None:
    for url in ("javascript:alert(1)", "https://a b", "https://x\nEvil: 1", ""):
        bad = msgspec.structs.replace(KAI, url=url)
        evidence = msgspec.structs.replace(EVIDENCE, examples=(bad,))
        told = message(msgspec.structs.replace(EVENT, evidence=evidence), "en")
        assert told.splitlines()[-1].endswith('In our street"')


@given(
    text=st.text(max_size=400),
    author=st.text(max_size=100),
    brand=st.text(min_size=1, max_size=100),
    language=st.sampled_from(["en", "zh"]),
    change=st.sampled_from(["opened", "updated", "resolved"]),
)
def test_strangers_cannot_add_lines(
    text: str, author: str, brand: str, language: Language, change: Change
) -> None:
    post = msgspec.structs.replace(KAI, text=text, author=author)
    event = msgspec.structs.replace(
        changed(brand=brand, change=change),
        evidence=msgspec.structs.replace(EVIDENCE, examples=(post,), first=post),
    )
    told = message(event, language, UTC)
    assert len(told.splitlines()) == (2 if change == "resolved" else 5)
    assert told.splitlines()[0] == headline(event, language, UTC)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("change", ["opened", "updated", "resolved"])
def test_calm_words(language: Language, change: Change) -> None:
    quiet = msgspec.structs.replace(KAI, text="Battery fire")
    event = msgspec.structs.replace(
        changed(change=change),
        evidence=msgspec.structs.replace(EVIDENCE, examples=(quiet,), first=quiet),
    )
    told = message(event, language, UTC)
    assert "!" not in told
    assert "！" not in told
    assert "AI" not in told
