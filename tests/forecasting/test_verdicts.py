"""What people say of incidents tunes a brand within bounds, and judges a backtest."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from forecasting.verdicts import CrisisVerdict, Word, by_brand, judged, tuning

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def said(
    word: Word, number: int = 0, incident_id: str = "inc", *, days: float = 1
) -> CrisisVerdict:
    since = NOW - timedelta(days=days) + 6 * number * HOUR
    return CrisisVerdict(
        brand="Acme",
        incident_id=f"{incident_id}_{number}" if incident_id else "",
        since=since,
        until=since + HOUR,
        word=word,
        at=NOW - timedelta(days=days),
    )


def test_each_false_alarm_halves_and_each_confirmed_one_takes_a_halving_back() -> None:
    false = [said("not-a-crisis", n) for n in range(2)]
    assert tuning(false, now=NOW).factor == 0.25
    assert tuning([*false, said("crisis", 2)], now=NOW).factor == 0.5
    assert tuning([said("crisis", n) for n in range(5)], now=NOW).factor == 1  # praise is no reason


def test_a_missed_crisis_makes_a_brand_less_careful() -> None:
    assert tuning([said("crisis", incident_id="")], now=NOW).factor == 2


def test_what_is_withdrawn_or_old_tunes_nothing() -> None:
    assert tuning([said("withdrawn"), said("not-a-crisis", 1, days=91)], now=NOW).factor == 1


@given(st.lists(st.sampled_from(["crisis", "not-a-crisis", "withdrawn"]), max_size=40))
def test_the_bounds_hold_whatever_is_said(words: list[Word]) -> None:
    verdicts = [said(word, n, "inc" if n % 2 else "") for n, word in enumerate(words)]
    assert 1 / 8 <= tuning(verdicts, now=NOW).factor <= 2


def test_incidents_are_what_verdicts_say_of_their_time() -> None:
    verdicts = [said("crisis", 0), said("not-a-crisis", 1), said("crisis", 3)]
    spans = [(v.since, v.until) for v in verdicts[:2]]
    spans.append((NOW + 50 * HOUR, NOW + 51 * HOUR))
    found = judged(spans, verdicts)
    assert (found.right, found.false, found.missed, found.unjudged) == (1, 1, 1, 1)
    assert (found.precision, found.recall) == (0.5, 0.5)


def test_without_verdicts_nothing_is_claimed() -> None:
    found = judged([(NOW, NOW + HOUR)], [])
    assert (found.precision, found.recall, found.unjudged) == (None, None, 1)


def test_verdicts_are_told_apart_by_brand() -> None:
    assert set(by_brand([said("crisis")])) == {"Acme"}
