"""Brands to which nothing happens, to find out how often a detector says that something did.

Their moods wander, their days have waves and their volumes bursts, each brand by numbers of its
own. These ranges are wider than what any brand is known for, and are not those of `surge`. Or the
volumes are real ones, and only the moods are simulated.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from forecasting.records import BUCKET, Bucket

DAY = 288
START = datetime(2026, 1, 5, tzinfo=UTC)


def quiet_brand(rng: np.random.Generator, days: int) -> Iterator[Bucket]:
    """Buckets of a brand from its first day on."""
    n = days * DAY
    phase = 2 * np.pi * np.arange(n) / DAY
    an_hour = np.exp(rng.uniform(np.log(3), np.log(600)))
    level = _wander(rng, n, rng.uniform(0.1, 0.5), rng.uniform(0.2, 2))
    wave = rng.uniform(0.2, 1.0) * np.sin(phase + rng.uniform(0, 2 * np.pi))
    rate = an_hour / 12 * np.exp(level + wave) * _bursts(rng, n)
    yield from quiet_moods(rng, rng.poisson(rate))


def real_volumes(path: Path) -> np.ndarray:
    """Posts by five minutes of a file with columns timestamp and value."""
    with path.open(newline="") as file:
        return np.array([int(float(row["value"])) for row in csv.DictReader(file)])


def quiet_moods(rng: np.random.Generator, volume: np.ndarray) -> Iterator[Bucket]:
    """Buckets of a brand of that volume whose moods are a quiet brand's."""
    n = len(volume)
    phase = 2 * np.pi * np.arange(n) / DAY
    share = rng.uniform(0.05, 0.5)
    logit = np.log(share / (1 - share)) + _wander(
        rng, n, rng.uniform(0.05, 0.3), rng.uniform(0.5, 3)
    )
    logit += rng.uniform(0, 0.3) * np.sin(phase + rng.uniform(0, 2 * np.pi))
    mean = 1 / (1 + np.exp(-logit))
    spread = 1 / rng.uniform(0.001, 0.02) - 1
    negative = rng.binomial(volume, rng.beta(mean * spread, (1 - mean) * spread))
    for i, (v, m) in enumerate(zip(volume.tolist(), negative.tolist(), strict=True)):
        yield Bucket(start=START + i * BUCKET, volume=v, negative=m, voices=v, negative_voices=m)


def _wander(rng: np.random.Generator, n: int, deviation: float, days: float) -> np.ndarray:
    """A stationary AR(1) of that standard deviation and memory."""
    keep = np.exp(-1 / (days * DAY))
    push = rng.normal(0, deviation * np.sqrt(1 - keep * keep), n)
    out = np.empty(n)
    x = rng.normal(0, deviation)
    for t in range(n):
        x = x * keep + push[t]
        out[t] = x
    return out


def _bursts(rng: np.random.Generator, n: int) -> np.ndarray:
    """Factors of volume: two bursts a week, most of them small, that fade in an hour or some."""
    factor = np.ones(n)
    for begin in np.flatnonzero(rng.random(n) < 2 / (7 * DAY)):
        size = rng.pareto(2.0)
        fade = rng.uniform(3, 36)
        length = min(n - begin, int(5 * fade))
        factor[begin : begin + length] += size * np.exp(-np.arange(length) / fade)
    return factor
