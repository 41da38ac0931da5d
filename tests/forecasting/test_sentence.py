"""One plain sentence from the facts, in two languages, for each kind of incident."""

from datetime import UTC, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from forecasting.drivers import Background, evidence
from forecasting.evidence import Cluster, Origin
from forecasting.phrases import Language
from forecasting.records import Change, IncidentEvent, IncidentKind
from forecasting.sentence import sentence
from tests.forecasting.test_tell import EVENT, EVIDENCE, KAI, changed

KINDS = get_args(IncidentKind)
BARE = evidence((), Background())


def about(event: IncidentEvent = EVENT, **found: object) -> IncidentEvent:
    return replace(event, evidence=replace(event.evidence, **found))


def test_the_sentence_in_english() -> None:
    assert sentence(about(posts=214), "en") == (
        "Northwind: 214 negative posts in the last hour against 31 expected (18-52), since "
        '22:55, 61 % of them about "battery fire" (2 % before), from 143 authors and mostly in '
        "their own words."
    )


def test_the_sentence_in_chinese() -> None:
    event = changed(brand="北风汽车")
    assert sentence(event, "zh", ZoneInfo("Asia/Shanghai")) == (
        "北风汽车:自 06:55 起负面激增,过去 1 小时 214 条,正常约 31 条(18-52),"
        '其中 61 % 在说"battery fire"(此前 2 %),来自 143 个作者,大多是自己的话。'
    )


def test_without_terms_a_repeated_text_is_named_or_that_nothing_stands_out() -> None:
    copied = Cluster(cluster_id="7", count=90, authors=80, sources=1, first=KAI)
    assert "42 % of them one repeated text" in sentence(
        about(terms=(), first=None, clusters=(copied,), posts=214), "en"
    )
    few = replace(copied, count=9)
    nothing = about(terms=(), first=None, clusters=(few,), posts=214)
    assert "about no one thing that stands out" in sentence(nothing, "en")
    assert "没有特别集中的话题" in sentence(nothing, "zh")


def test_a_word_of_a_few_posts_is_not_what_they_are_about() -> None:
    term = EVIDENCE.terms[0]
    four = about(terms=(replace(term, share=4 / 23),), posts=23, clusters=())
    assert "about no one thing that stands out" in sentence(four, "en")
    five = about(terms=(replace(term, share=5 / 23),), posts=23, clusters=())
    assert '22 % of them about "battery fire"' in sentence(five, "en")
    rare = about(terms=(replace(term, share=0.09),), posts=2000, clusters=())
    assert "about no one thing" in sentence(rare, "en")


def test_who_and_where_only_as_far_as_it_holds() -> None:
    repeated = sentence(about(organic_share=0.2, posts=214), "en")
    assert "from 143 authors and mostly repeated: 20 % are own words" in repeated
    came = Origin(
        posts=214,
        organic=100,
        reposts=40,
        copies=20,
        syndicated=0,
        automated=54,
        spam=0,
        suspected_accounts=12,
        suspicions=(),
    )
    assert "25 % from accounts that look automated" in sentence(about(origin=came), "en")
    little = replace(came, automated=3, organic=151)
    assert "automated" not in sentence(about(origin=little), "en")
    assert sentence(about(only_source="bluesky"), "en").endswith(
        "and the growth is all on bluesky."
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("change", ["opened", "updated", "resolved"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_sentence_with_and_without_evidence(
    kind: IncidentKind, change: Change, language: Language
) -> None:
    for found in (EVIDENCE, BARE, replace(BARE, elsewhere=88)):
        event = replace(changed(kind=kind, change=change), evidence=found)
        told = sentence(event, language, UTC)
        assert told.startswith(("Northwind: ", "Northwind:"))
        assert told.endswith((".", "。"))
        assert len(told.splitlines()) == 1
        assert "{" not in told
        assert "!" not in told


def test_of_silence_it_says_what_others_get() -> None:
    event = replace(changed(kind="silence", observed=2), evidence=replace(BARE, elsewhere=88))
    assert sentence(event, "en") == (
        "Northwind: 2 posts in the last hour against 31 expected (at least 18), since 22:55, while "
        "other brands have 88."
    )


def test_of_what_is_over_it_says_how_long_it_was() -> None:
    event = changed(change="resolved", at=EVENT.change.at + timedelta(hours=3))
    assert sentence(event, "en") == "Northwind: negative surge is over after 3 h 45 min."
    assert sentence(event, "zh") == "Northwind:负面已平息,持续 3 小时 45 分钟。"
