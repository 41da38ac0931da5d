"""The share of posts that are negative, forecast on the logit scale, told as beta quantiles.

A share moves around its own past: a fast level that goes back to a slow one, and a small daily
cycle. What an hour will show scatters twice: the share itself moves, and few posts show it badly.
"""

import math
from datetime import datetime
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from forecasting.calendar import HOUR, Hours
from forecasting.errors import LEADS, Errors, blended, independent, shapes, shifted
from forecasting.fit import DAY, TESTED
from forecasting.history import History
from forecasting.project import last_day
from forecasting.quantiles import share_quantiles

Floats = NDArray[np.float64]

FAST: Final = 6.0  # half-lives in hours
SLOW: Final = 72.0
FADE: Final = 6.0  # hours in which half of the way back to the slow level is gone
POSTS: Final = 4.0  # at the usual share, that a level is mixed with
CYCLE_DAYS: Final = 7.0  # without a cycle, that the daily one is shrunk with
# Variance of the logit at LEADS before anything was measured.
PRIOR: Final = (0.05, 0.06, 0.08, 0.11, 0.15, 0.2, 0.22, 0.25, 0.28, 0.3)
MOST_VARIANCE: Final = 4.0  # of a logit: nearly any share
DOUBTED: Final = 20.0  # posts of an hour that says half as much of the share itself as it could


class ShareFit(Struct, frozen=True, kw_only=True):
    """What is known of a brand's negative share before `at`."""

    at: datetime
    usual: float  # logit of the share of all posts
    cycle: tuple[float, ...]  # 24, added by local hour
    sums: tuple[float, ...]  # fading: negative, posts, expected negative; fast, then slow
    own: Errors
    naive: Errors
    scale: float  # mean absolute error of the seasonal naive, in shares; 0: unknown
    hours: int
    fine_scale: float = 0.0  # as `scale`, of parts of hours

    @property
    def model(self) -> str:
        """Its name in what is stored."""
        return "share"


class ShareProjection(Struct, frozen=True, kw_only=True):
    """Distributions of shares of consecutive buckets, an element each."""

    mean: Floats
    spread: Floats  # variance of the logit
    posts: Floats  # expected: what is too few to show a share well
    shape: Floats
    leads: Floats

    def quantiles(self, offsets: Floats | None = None) -> Floats:
        """(n, 9), of shares; `offsets` (bands, 9) is what intervals are corrected by."""
        variance = _variance(self.mean, self.spread, self.posts)
        return share_quantiles(self.mean, variance, shifted(self.shape, self.leads, offsets))


def fit_share(volume: History, negative: History, hours: Hours) -> ShareFit:
    """Fit to volume and negative counts of the same hours; a few milliseconds."""
    seen = volume.seen & negative.seen
    posts = np.where(seen, volume.counts, 0.0)
    bad = np.where(seen, np.minimum(negative.counts, volume.counts), 0.0)
    usual = _logit((bad.sum() + 0.5) / (posts.sum() + 2.0))
    cycle = _cycle(bad, posts, usual, hours)
    expected = posts * _expit(usual + cycle[hours.of_day])
    path = _sums(np.zeros(6), bad, posts, expected)
    share = np.where(posts > 0, bad / np.maximum(posts, 1.0), np.nan)
    own: dict[int, tuple[Floats, Floats, Floats]] = {}
    naive: dict[int, tuple[Floats, Floats, Floats]] = {}
    for lead in LEADS:
        origins = np.arange(max(len(posts) - TESTED, min(DAY, len(posts) // 2)), len(posts) - lead)
        at = origins + lead
        fast, slow = _levels(path[origins], usual)
        level = usual + slow + (fast - slow) * 0.5 ** (lead / FADE)
        mean = _expit(level + cycle[hours.of_day[at]])
        good = posts[at] > 0
        own[lead] = share[at][good], mean[good], posts[at][good]
        back = at - DAY * -(-lead // DAY)
        both = good & (back >= 0) & (posts[np.maximum(back, 0)] > 0)
        naive[lead] = share[at][both], share[np.maximum(back, 0)][both], posts[at][both]
    known = np.isfinite(share[DAY:]) & np.isfinite(share[:-DAY])
    off = np.abs(share[DAY:] - share[:-DAY])[known]
    return ShareFit(
        at=volume.start + len(posts) * HOUR,
        usual=usual,
        cycle=tuple(cycle.tolist()),
        sums=tuple(path[-1].tolist()) if len(path) else (0.0,) * 6,
        own=_errors(own),
        naive=_errors(naive),
        scale=float(off.mean()) if len(off) else 0.0,
        hours=len(posts),
    )


def carried_share(known: ShareFit, volume: History, negative: History, hours: Hours) -> ShareFit:
    """The fit after more hours, which begin at `known.at`."""
    seen = volume.seen & negative.seen
    posts = np.where(seen, volume.counts, 0.0)
    bad = np.where(seen, np.minimum(negative.counts, volume.counts), 0.0)
    expected = posts * _expit(known.usual + np.asarray(known.cycle)[hours.of_day])
    path = _sums(np.asarray(known.sums), bad, posts, expected)
    return msgspec.structs.replace(
        known,
        at=known.at + len(posts) * HOUR,
        sums=tuple(path[-1].tolist()) if len(path) else known.sums,
        hours=known.hours + len(posts),
    )


def project_share(known: ShareFit, hours: Hours, posts: Floats) -> ShareProjection:
    """The hours from `known.at` on, of which `posts` are expected."""
    lead = np.arange(1.0, len(hours) + 1)
    fast, slow = (float(level[0]) for level in _levels(np.asarray([known.sums]), known.usual))
    level = known.usual + slow + (fast - slow) * 0.5 ** (lead / FADE)
    mean = _expit(level + np.asarray(known.cycle)[hours.of_day])
    spread, shape = known.own.at(lead)
    return ShareProjection(mean=mean, spread=spread, posts=posts, shape=shape, leads=lead)


def project_naive_share(
    known: ShareFit, volume: History, negative: History, posts: Floats
) -> ShareProjection:
    """The share of the same hour of the last day that is over."""
    week = 7 * DAY
    with np.errstate(invalid="ignore", divide="ignore"):
        share = negative.last(week) / volume.last(week)
    usual = float(_expit(np.asarray(known.usual)))
    mean = np.resize(last_day(np.where(np.isfinite(share), share, np.nan), usual), len(posts))
    lead = np.arange(1.0, len(posts) + 1)
    spread, shape = known.naive.at(lead)
    return ShareProjection(mean=mean, spread=spread, posts=posts, shape=shape, leads=lead)


def divided_share(hourly: ShareProjection, posts: Floats, parts: int) -> ShareProjection:
    """The first parts of hours, of which `posts` are expected."""
    whole = np.minimum(np.arange(len(posts)) // parts, len(hourly.mean) - 1)
    return ShareProjection(
        mean=hourly.mean[whole],
        spread=hourly.spread[whole],
        posts=posts,
        shape=hourly.shape[whole],
        leads=hourly.leads[whole],
    )


def _variance(mean: Floats, spread: Floats, posts: Floats) -> Floats:
    """Variance of a share: it moves, and so many posts show it."""
    binomial = mean * (1 - mean)
    total: Floats = binomial**2 * spread + binomial / np.maximum(posts, 1.0)
    return total


def _cycle(bad: Floats, posts: Floats, usual: float, hours: Hours) -> Floats:
    by_hour = [np.bincount(hours.of_day, weights=x, minlength=24) for x in (bad, posts)]
    days = max(len(posts) / DAY, 1.0)
    prior = max(CYCLE_DAYS * posts.sum() / DAY / days, 40.0)
    share = (by_hour[0] + prior * _expit(np.asarray(usual))) / (by_hour[1] + prior)
    share = np.clip(share, 1e-6, 1 - 1e-6)
    cycle = np.log(share / (1 - share)) - usual
    smooth: Floats = 0.25 * np.roll(cycle, 1) + 0.5 * cycle + 0.25 * np.roll(cycle, -1)
    return smooth


def _sums(start: Floats, bad: Floats, posts: Floats, expected: Floats) -> Floats:
    """Fading sums after each hour, (hours, 6)."""
    keep = np.repeat([0.5 ** (1 / FAST), 0.5 ** (1 / SLOW)], 3)
    path = np.empty((len(bad), 6))
    now = start
    for i, row in enumerate(np.column_stack([bad, posts, expected, bad, posts, expected])):
        now = now * keep + row
        path[i] = now
    return path


def _levels(sums: Floats, usual: float) -> tuple[Floats, Floats]:
    """Fast and slow logit above what the cycle expects, (n,) each."""
    prior = POSTS * _expit(np.asarray(usual))
    found = []
    for first in (0, 3):
        bad, posts, expected = (sums[:, first + i] for i in range(3))
        low = np.clip((bad + prior) / (posts + POSTS), 1e-6, 1 - 1e-6)
        due = np.clip((expected + prior) / (posts + POSTS), 1e-6, 1 - 1e-6)
        found.append(np.log(low / (1 - low)) - np.log(due / (1 - due)))
    return found[0], found[1]


def _errors(found: dict[int, tuple[Floats, Floats, Floats]]) -> Errors:
    """Errors by lead: share, expected share, posts."""
    spread: list[float] = []
    scores: dict[int, Floats] = {}
    for lead, prior in zip(LEADS, PRIOR, strict=True):
        share, mean, posts = found[lead]
        mean = np.clip(mean, 0.005, 0.995)
        binomial = mean * (1 - mean)
        excess = (share - mean) ** 2 - binomial / np.maximum(posts, 1.0)
        weight = posts / (posts + DOUBTED)
        squares = float((weight * binomial**2).sum())
        measured = max(float((weight * excess).sum()) / squares, 0.0) if squares else 0.0
        count = independent(len(share), lead)
        spread.append(blended(min(measured, MOST_VARIANCE), prior, count, spread))
        scores[lead] = (share - mean) / np.sqrt(_variance(mean, np.asarray(spread[-1]), posts))
    return Errors(spread=tuple(spread), shape=shapes(scores))


def _logit(share: float) -> float:
    share = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(share / (1 - share))


def _expit(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30.0, 30.0))))
