"""What delivery adds to an incident's own words, in both languages."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import asdict, replace

from forecasting.phrases import Language
from forecasting.records import IncidentKind
from forecasting.tell_notice import (
    acknowledged,
    changed,
    digest,
    figures,
    repeated,
    unacknowledged,
)
from forecasting.wording_notice_chinese import NOTICE_CHINESE
from forecasting.wording_notice_english import NOTICE_ENGLISH
from tests.incidents import surge_of

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TOLD = surge_of(
    AT,
    incident_id="inc_1",
    severity=6,
    observed=120,
    share=0.41,
    total_negative=130,
    peak_observed=120,
)
GREW = replace(
    TOLD,
    change="updated",
    number=2,
    at=AT + timedelta(minutes=25),
    severity=8,
    observed=214,
    share=0.64,
)


def test_what_changed_is_told_from_what_to_what_and_since_when() -> None:
    assert changed(GREW, TOLD, "en", UTC) == (
        "Since the last message (22:55): severity from 6 to 8, negative posts in an hour from 120 "
        "to 214, negative share from 41 % to 64 %."
    )
    assert changed(GREW, TOLD, "zh", ZoneInfo("Asia/Shanghai")) == (
        "较上一条消息(06:55):严重度由 6 变为 8,每小时负面由 120 条变为 214 条,"
        "负面占比由 41 % 变为 64 %。"
    )


def test_what_is_the_same_is_left_out() -> None:
    assert changed(replace(GREW, severity=6, share=0.412), TOLD, "en", UTC) == (
        "Since the last message (22:55): negative posts in an hour from 120 to 214."
    )
    assert changed(TOLD, TOLD, "en", UTC) == "No change since the last message (22:55)."


def test_a_time_of_another_day_has_its_date() -> None:
    # 23:55 and 00:20 in Berlin
    assert "(03-01 23:55)" in changed(GREW, TOLD, "en", BERLIN)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("mood_shift", "negative posts in an hour from 120 to 214"),
        ("volume_surge", "posts in an hour from 120 to 214"),
        ("silence", "posts from 120 to 214."),  # and nothing of a mood
    ],
)
def test_each_kind_names_what_it_counts(kind: IncidentKind, said: str) -> None:
    assert f"severity from 6 to 8, {said}" in changed(
        replace(GREW, kind=kind), replace(TOLD, kind=kind), "en", UTC
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "Nobody has acknowledged this in 15 min.",
                "Still open after 4 h.",
                "Acknowledged by Ann.",
                "Acknowledged.",
            ],
        ),
        (
            "zh",
            [
                "已过 15 分钟,仍无人认领。",
                "已持续 4 小时,尚未平息。",
                "Ann 已认领。",
                "已有人认领。",
            ],
        ),
    ],
)
def test_why_a_message_comes(language: Language, said: list[str]) -> None:
    assert said == [
        unacknowledged(timedelta(minutes=15), language),
        repeated(timedelta(hours=4), language),
        acknowledged("Ann\n", language),
        acknowledged(" ", language),
    ]


def test_a_digest_says_how_many_and_which_is_the_worst() -> None:
    contoso = replace(TOLD, brand="Contoso", severity=5)
    assert digest([contoso, TOLD, TOLD], 0, "en") == (
        "3 incidents open, worst: Northwind, severity 6"
    )
    assert digest([contoso], 2, "en") == "1 incident open, 2 over, worst: Contoso, severity 5"
    assert digest([], 1, "en") == "1 incident over"
    assert digest([contoso, TOLD], 1, "zh") == (
        "2 起事件进行中,1 起已结束,最严重的是Northwind(严重度 6/10)"
    )
    assert digest([], 2, "zh") == "2 起事件已结束"


def test_the_figures_of_a_line_stand_beside_what_is_expected() -> None:
    assert figures(TOLD, "en") == "120 negative posts in the last hour, 31 expected (18-52)."
    over = replace(TOLD, change="resolved")
    assert figures(over, "zh") == "累计负面 130 条,最高 1 小时 120 条。"


def test_both_languages_fill_in_the_same_and_nobody_shouts() -> None:
    def fields(form: object) -> set[str]:
        forms = form.values() if isinstance(form, dict) else [form]
        return {
            name for one in forms for name in ("n", "by", "length", "time") if f"{{{name}}}" in one
        }

    english, chinese = asdict(NOTICE_ENGLISH), asdict(NOTICE_CHINESE)
    for name, form in english.items():
        assert fields(form) == fields(chinese[name]), name
        for one in (form, chinese[name]):
            assert not any(mark in str(one) for mark in "!!")
