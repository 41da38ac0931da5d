"""Scores of what was told: who is told next, and what is no truth."""

from datetime import UTC, datetime, timedelta

from forecasting.calendar import Calendar, hours_of
from forecasting.conformal import no_offsets
from forecasting.foretell import SERIES, BrandFit, Series, Trust, learn
from infra.forecasts import Due
from streams.foreseen import Counted, recent_of, scored

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAYS = 12


def counted(hours: int, an_hour: int = 40) -> Counted:
    return {START + i * HOUR: (an_hour + i % 7, 10) for i in range(hours)}


def known(counts: Counted) -> BrandFit:
    recent = recent_of(counts, since=START, until=max(counts) + HOUR)
    return learn(recent, hours_of(Calendar(), START, len(recent.volume)), Calendar())


def due(hour: int, *, off: float, series: Series = "volume") -> Due:
    """A forecast whose median is `off` the truth, where the naive's is by 5."""
    truth = 40.0 + hour % 7
    quantiles = [truth + off + width for width in (-8, -6, -4, -2, 0, 2, 4, 6, 8)]
    return Due(series, "60m", START + hour * HOUR, 1, quantiles, truth + off, truth + 5, "profile")


def test_a_model_goes_and_comes_back() -> None:
    counts = counted(DAYS * 24)
    trusts: dict[Series, Trust] = {series: Trust() for series in SERIES}
    fit = known(counts)
    recent = recent_of(counts, since=START, until=START + DAYS * 24 * HOUR)
    replaced = []
    for hour in range(1, 240):
        told = [due(hour, off=9.0 if hour < 100 else 1.0)]
        _, trusts = scored("Acme", told, fit=fit, trusts=trusts, recent=recent, parts={})
        replaced.append(trusts["volume"].standing.replaced)
        if replaced[-2:] == [False, True]:
            # What the model's intervals were corrected by is not the naive's.
            assert trusts["volume"].hour == no_offsets()
    assert not any(replaced[:46])
    assert replaced[60]
    assert not replaced[-1]
    assert trusts["negative"] == Trust()


def test_an_hour_that_was_not_seen_is_no_truth() -> None:
    counts = counted(DAYS * 24)
    for hour in range(200, 206):
        del counts[START + hour * HOUR]
    fit = known(counts)
    recent = recent_of(counts, since=START, until=START + DAYS * 24 * HOUR)
    told = [due(hour, off=1.0) for hour in (199, 202, 207)]
    trusts: dict[Series, Trust] = {series: Trust() for series in SERIES}
    rows, _ = scored("Acme", told, fit=fit, trusts=trusts, recent=recent, parts={})
    assert [row[4] for row in rows] == [START + 199 * HOUR, START + 207 * HOUR]


def test_an_hour_in_which_a_feed_stalled_is_no_truth_though_it_had_posts() -> None:
    counts = counted(48)
    stalled = START + 30 * HOUR
    recent = recent_of(counts, since=START, until=START + 48 * HOUR, unseen={stalled})
    assert [i for i, seen in enumerate(recent.volume.seen) if not seen] == [30]
    assert [i for i, seen in enumerate(recent.negative.seen) if not seen] == [30]


def test_a_share_without_posts_is_no_truth() -> None:
    counts = counted(DAYS * 24, an_hour=2)
    counts[START + 100 * HOUR] = (0, 0)
    fit = known(counts)
    recent = recent_of(counts, since=START, until=START + DAYS * 24 * HOUR)
    told = [due(hour, off=0.0, series="negative_share") for hour in (100, 101)]
    trusts: dict[Series, Trust] = {series: Trust() for series in SERIES}
    rows, _ = scored("Acme", told, fit=fit, trusts=trusts, recent=recent, parts={})
    assert [row[4] for row in rows] == [START + 101 * HOUR]
