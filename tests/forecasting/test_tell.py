"""The words: the order, both languages, and what is never said."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.evidence import (
    Cluster,
    Evidence,
    Example,
    FeedWord,
    Link,
    Origin,
    Part,
    Shared,
    Suspicion,
    Term,
    Voice,
)
from forecasting.phrases import Language
from forecasting.records import Change, IncidentEvent
from forecasting.share_records import Method, ShareEstimate
from forecasting.tell import headline, message
from processors.pseudonym import pseudonym
from tests.incidents import surge_of

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
CHANGE = surge_of(
    AT,
    incident_id="inc_0123456789ab",
    since=AT - timedelta(minutes=45),
    score=5.5,
    expected=31.2,
    expected_lower=17.6,
    expected_upper=52.4,
    total_negative=260,
    peak_observed=230,
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
        "Lasted 3 h 45 min, 03-01 22:55 to 03-02 02:40 (UTC). 260 negative posts in all, 230 in "
        "the worst hour. 214 in the last hour now, 31 expected (18-52).",
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


def test_an_incident_from_before_is_told_as_it_was() -> None:
    """Stored by an earlier version, without what came later; told anew when a post is erased."""
    assert EVIDENCE.origin is None
    assert "81 reposts or copies" in message(EVENT, "en")
    assert "转发或雷同 81 条" in message(EVENT, "zh")


def about(event: IncidentEvent = EVENT, **found: object) -> IncidentEvent:
    evidence = msgspec.structs.replace(event.evidence, **found)
    return msgspec.structs.replace(event, evidence=evidence)


def test_what_may_be_made_is_said_with_its_grounds() -> None:
    came = Origin(
        posts=214,
        organic=90,
        reposts=40,
        copies=4,
        syndicated=40,
        automated=40,
        spam=0,
        suspected_accounts=12,
        suspicions=(
            Suspicion(ground="synchrony", accounts=12, posts=40, most=12, seconds=10),
            Suspicion(ground="rate", accounts=3, posts=30, most=15),
        ),
    )
    event = about(posts=214, origin=came, organic_share=90 / 214)
    assert (
        "143 distinct authors; 38 % reposts or copies; organic 42 %. 19 % is one text over several "
        "sources or accounts with one link. Suspected of automation: 12 accounts with 40 posts "
        "(12 with one text within 10 s, up to 15 posts an hour each)."
    ) in message(event, "en")
    assert (
        "12 个账号疑似自动发帖,共 40 条"
        "(12 个账号在 10 秒内发同一段文字、单个账号每小时最多 15 条)。" in (message(event, "zh"))
    )
    clean = about(
        posts=214, origin=msgspec.structs.replace(came, suspected_accounts=0, syndicated=2)
    )
    assert "utomation" not in message(clean, "en")
    assert "one link" not in message(clean, "en")


def test_parts_that_grew_stand_beside_what_is_usual() -> None:
    event = about(
        sources=(
            Part(name="bluesky", count=150, expected=11.2, grew=True),
            Part(name="weibo", count=20, expected=0.0, grew=True),
            Part(name="mastodon", count=64, expected=60.0),
        ),
        only_source="bluesky",
    )
    assert (
        "From bluesky 150 (12 before), weibo 20 (none before), mastodon 64. Languages: "
        "en 200, zh 14. Grown on bluesky alone."
    ) in message(event, "en")
    assert "只在 bluesky 上增多。" in message(event, "zh")


def test_the_loudest_is_named_unless_it_was_the_first() -> None:
    loud = Voice(
        post_id="bluesky:9",
        author="newsdesk",
        followers=1_200_000,
        url="",
        published_at=AT,
        posts=2,
    )
    assert "Loudest: @newsdesk, 1.2 M followers." in message(about(loudest=(loud,)), "en")
    kai = msgspec.structs.replace(loud, author="kai_r")
    small = msgspec.structs.replace(loud, followers=80)
    erased = msgspec.structs.replace(loud, post_id="", author="", followers=0)
    for quiet in (kai, small, erased):
        assert "Loudest" not in message(about(loudest=(quiet,)), "en")


def test_a_repeated_text_stands_where_no_term_does() -> None:
    copied = Cluster(cluster_id="7", count=90, authors=80, sources=1, first=KAI)
    event = about(terms=(), first=None, clusters=(copied,), posts=214)
    said = "42 % of them repeat one text, first seen 22:51 (@kai_r, 84 k followers)."
    assert said in message(event, "en")
    assert "其中 42 % 为同一段文字,最早 22:51(@kai_r,8.4 万粉丝)。" in message(event, "zh")


@pytest.mark.parametrize(
    ("by", "shared", "en", "zh"),
    [
        ("texts", 3, "(3 shared texts).", "(3 段相同文字)。"),
        ("first_post", 1, "(same first post).", "(最早的帖子相同)。"),
        ("words", 2, "(same words).", "(用词相同)。"),
    ],
)
def test_the_same_story_of_another_brand_has_a_line(
    by: Shared, shared: int, en: str, zh: str
) -> None:
    link = Link(incident_id="inc_2", brand="Contoso", by=by, shared=shared)
    last = message(about(linked=(link,)), "en").splitlines()[-1]
    assert last == f"Same story as Contoso's incident {en}"
    assert (
        message(about(linked=(link,)), "zh").splitlines()[-1] == f"与 Contoso 的事件是同一件事{zh}"
    )


@pytest.mark.parametrize(
    ("method", "en", "zh"),
    [
        (
            "corrected",
            "By 100 labels the true share is about 58 % (52-64 %).",
            "据 100 条人工标注,真实占比约 58 %(52-64 %)。",
        ),
        (
            "mean_probability",
            "The true share may be 52-64 %: too few labels to say closer.",
            "真实占比可能在 52-64 % 之间,人工标注尚少,无法更精确。",
        ),
    ],
)
def test_how_far_the_model_may_be_off_is_said(method: Method, en: str, zh: str) -> None:
    share = ShareEstimate(share=0.58, lower=0.52, upper=0.64, method=method, labels=100, note="")
    assert en in message(about(share=share), "en")
    assert zh in message(about(share=share), "zh")


def test_it_says_when_it_would_be_over_if_that_is_known() -> None:
    event = changed(returns_at=AT + timedelta(hours=4, minutes=20))
    assert "Back to normal by about 03-02 04:00 if it fades as it does now." in message(event, "en")
    assert "恢复正常" in message(event, "zh")
    assert "Back to normal" not in message(EVENT, "en")


def test_a_mood_shift_a_volume_surge_and_a_silence_have_words_of_their_own() -> None:
    mood = message(changed(kind="mood_shift"), "en")
    assert "Northwind · mood shift · severity 7 of 10" in mood
    assert "64 % negative, 21 % is normal." in mood
    volume = message(changed(kind="volume_surge"), "en").splitlines()
    assert volume[0] == "🔴 Northwind · volume surge · severity 7 of 10"
    assert volume[1].startswith("214 posts in the last hour, 31 expected (18-52).")
    assert headline(changed(kind="silence"), "zh") == "🔴 Northwind · 声量骤降 · 严重度 7/10"


def test_the_window_is_named_where_it_is_longer_than_what_is_told() -> None:
    slow = changed(minutes=360)
    assert "(18-52). Found over the last 6 h. 64 % negative" in message(slow, "en")
    assert "按过去 6 小时判断。" in message(slow, "zh")
    assert "Found over" not in message(changed(minutes=15), "en")
    silent = changed(kind="silence", observed=2, minutes=360)
    assert "2 posts in the last 6 h, 31 expected (at least 18)." in message(silent, "en")
    assert "过去 6 小时共 2 条,正常约 31 条(至少 18 条)。" in message(silent, "zh")


def test_of_what_is_over_no_range_is_told_where_none_is_known() -> None:
    event = changed(change="resolved", expected=9.0, expected_lower=9.0, expected_upper=9.0)
    assert "expected" not in message(event, "en")
    silent = changed(change="resolved", kind="silence", expected_upper=31.2)
    assert message(silent, "en").splitlines() == [
        "🟢 Northwind · silence is over · severity 7 of 10 at worst",
        "Lasted 45 min, 22:55 to 23:40 (UTC).",
    ]


def test_of_silence_it_says_what_the_feeds_say() -> None:
    silent = changed(kind="silence", observed=2, growing=False)
    bare = about(silent, terms=(), sources=(), languages=(), authors=0, examples=(), first=None)
    assert message(bare, "en").splitlines() == [
        "🔴 Northwind · silence · severity 7 of 10",
        "2 posts in the last hour, 31 expected (at least 18). Since 22:55 (UTC).",
    ]
    known = about(
        bare,
        elsewhere=88,
        feeds=(FeedWord(name="bluesky", state="running", clock=AT - timedelta(minutes=1)),),
    )
    assert message(known, "en").splitlines()[2:] == [
        "Other brands: 88 posts in the same time. Feeds: bluesky running, complete to 23:39."
    ]
    assert message(known, "zh").splitlines()[2:] == [
        "同期其他品牌共 88 条。数据源:bluesky 运行中,数据完整至 23:39。"
    ]


def test_a_language_of_a_few_posts_is_not_named() -> None:
    few = (Part(name="en", count=200), Part(name="de", count=2))
    assert "anguages" not in message(about(languages=few), "en")
    unknown = (Part(name="en", count=90), Part(name="und", count=90))
    assert "anguages" not in message(about(languages=unknown), "en")
    some = (*few, Part(name="zh", count=20))
    assert "Languages: en 200, zh 20." in message(about(languages=some), "en")


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
