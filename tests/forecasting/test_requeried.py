"""A query that finds more, less or other posts is never read as news."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from forecasting.counted_by import FlowCount
from forecasting.incident import IncidentState
from forecasting.pipe import Pipes, advance_pipes
from forecasting.records import BUCKET, Bucket, IncidentChange, Quality
from forecasting.watch import advance

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = 288
SWITCH = 6 * DAY + 100
END = 13 * DAY
Counts = list[tuple[int, int, str]]  # posts, negative ones, version of the query


def posts(rng: np.random.Generator, buckets: int, mean: float, share: float) -> list[list[int]]:
    phase = 2 * np.pi * np.arange(buckets) / DAY
    volume = rng.poisson(mean * np.exp(0.5 * np.sin(phase)))
    return [volume.tolist(), rng.binomial(volume, share).tolist()]


def requeried(seed: int, factor: float, share: float, *, mixed: float) -> Counts:
    """Six days of one query; then one that finds `factor` times as much and `share` of it negative,
    from within the bucket of the switch on."""
    rng = np.random.default_rng(seed)
    before = [(*one, "q1") for one in zip(*posts(rng, SWITCH, 8, 0.2), strict=True)]
    after = [(*one, "q2") for one in zip(*posts(rng, END - SWITCH, 8 * factor, share), strict=True)]
    n, k = round(8 * mixed), round(2 * mixed)
    return [*before, (n, k, "q1"), *after]


def judged(
    counts: Counts, *, is_marked: bool = True, state: IncidentState | None = None
) -> tuple[list[IncidentChange], dict[datetime, Quality]]:
    """What the watch stage comes to. Of the bucket of the switch there are two parts."""
    some, found = [], dict[datetime, Bucket]()
    for i, (volume, negative, query) in enumerate(counts):
        at = START + (i - (i > SWITCH)) * BUCKET
        if volume:
            some.append(FlowCount("Acme", "x", "m", at, volume, query if is_marked else "q"))
        have = found.get(at)
        volume, negative = (
            volume + (have.volume if have else 0),
            negative + (have.negative if have else 0),
        )
        found[at] = Bucket(
            start=at, volume=volume, negative=negative, voices=volume, negative_voices=negative
        )
    until = max(found) + BUCKET
    quality = advance_pipes(Pipes(), some, since=START, until=until, queries={})[1].get("Acme", {})
    moved = advance(
        state or IncidentState(), "Acme", found, since=START, until=until, quality=quality
    )
    return list(moved.changes), quality


CASES = [(10, 0.2), (3, 0.6), (1, 0.7), (0.1, 0.2), (0.02, 0.5), (30, 0.05)]


@pytest.mark.parametrize(("factor", "share"), CASES)
@pytest.mark.parametrize("mixed", [0.0, 0.5, 0.95])
def test_another_query_opens_nothing(factor: float, share: float, mixed: float) -> None:
    changes, quality = judged(requeried(1, factor, share, mixed=mixed))
    assert changes == []
    assert set(quality.values()) == {"changed"}
    assert len(quality) <= 2
    assert min(quality) >= START + SWITCH * BUCKET


def test_without_the_mark_they_would_be_news() -> None:
    kinds = {
        change.kind
        for factor, share in CASES
        for change in judged(requeried(1, factor, share, mixed=0.5), is_marked=False)[0]
    }
    assert kinds >= {"volume_surge", "mood_shift"}


def test_a_surge_after_it_is_found() -> None:
    counts = requeried(1, 10, 0.4, mixed=0.5)
    surge = SWITCH + 2 * DAY
    counts[surge : surge + 24] = [(n + 160, k + 140, q) for n, k, q in counts[surge : surge + 24]]
    changes, _ = judged(counts)
    opened = [change for change in changes if change.change == "opened"]
    assert "negative_surge" in [change.kind for change in opened]
    assert opened[0].at - START < (surge + 6) * BUCKET


def test_an_open_incident_of_volume_is_withdrawn() -> None:
    counts = requeried(1, 10, 0.2, mixed=0.0)
    burst = SWITCH - 6
    counts[burst:SWITCH] = [(n + 300, k + 60, q) for n, k, q in counts[burst:SWITCH]]
    changes: Sequence[IncidentChange] = judged(counts)[0]
    assert [(change.kind, change.change) for change in changes if change.kind == "volume_surge"][
        -1
    ] == ("volume_surge", "resolved")
    assert changes[-1].reason == "withdrawn"
    assert changes[-1].at == START + (SWITCH + 1) * BUCKET
