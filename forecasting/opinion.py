"""What share of a brand's posts is usually negative, as it was before a window began.

A Kalman filter of three numbers: a level that wanders around the long-run share and forgets in two
days, and one daily wave. It works on shares, where a bucket of a single post is still unbiased;
a bucket of n posts has the variance p (1 - p) (1/n + rho). Time without posts, or that must not be
learned, only makes it less certain (Harvey 1989, ch. 3: missing observations).

Each window has its own filter, which is fed the buckets that leave it, so that what is judged never
explains itself away. What the model gets wrong at a window's length, the window learns: `rho`, how
much further than by chance its shares have been from what was expected.
"""

import math
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

DAY: Final = 288  # buckets
MEMORY: Final = 2.0 * DAY  # buckets in which the level falls back to the long run by a factor e
# In units of p (1 - p). A priori a brand's share strays by a tenth of sqrt(p (1 - p)): 4 points at
# 20 %; its daily wave is 3 points high. What really happens is in rho.
WANDER: Final = 0.01
WAVE: Final = 0.006
UNKNOWN: Final = 0.2  # of a new brand: 18 points at 30 %
BUCKET_RHO: Final = 0.01  # posts of the same five minutes resemble each other
PRIOR_RHO: Final = 0.005
PRIOR_WEIGHT: Final = 1e4  # as if learned from 28 hours of 25 independent voices
RHO_MEMORY: Final = 14.0 * DAY  # half-life: swings are rarer than posts
LEAST_RHO: Final = 0.0005  # 1 / chance.ENOUGH
MOST_RHO: Final = 0.5
INFORMATIVE: Final = 100.0  # voices beyond which a window says little more about rho
MOST_SURPRISE: Final = 9.0  # one window teaches rho at most a z of 3
LEAST_SHARE: Final = 0.005


class Level(Struct, frozen=True, array_like=True):
    """One window's filter, and what its windows have taught. The default is a new brand's."""

    mean: float = 0.25
    cos: float = 0.0
    sin: float = 0.0
    p00: float = UNKNOWN * 0.1875  # covariances
    p01: float = 0.0
    p02: float = 0.0
    p11: float = WAVE * 0.1875
    p12: float = 0.0
    p22: float = WAVE * 0.1875
    at: int = 0  # number of the bucket learned last; 0: none yet
    rho_sum: float = 0.0
    rho_weight: float = 0.0
    pending: float = 0.0  # excess of the newest whole window, learned once the next is whole
    pending_weight: float = 0.0

    @property
    def rho(self) -> float:
        """Variance of this window's share beyond chance and the filter, in units of p (1 - p)."""
        learned = (PRIOR_RHO * PRIOR_WEIGHT + self.rho_sum) / (PRIOR_WEIGHT + self.rho_weight)
        return max(learned, LEAST_RHO)


def learn(level: Level, *, negative: int, voices: int, at: int, usual: float) -> Level:
    """Take in the bucket number `at`, of at least one voice. `usual` is the long-run share."""
    mean, p00, p01, p02 = _aged(level, at, usual)
    angle = 2 * math.pi * (at % DAY) / DAY
    c, s = math.cos(angle), math.sin(angle)
    expected = mean + level.cos * c + level.sin * s
    share = min(max(expected, LEAST_SHARE), 1 - LEAST_SHARE)
    g0 = p00 + p01 * c + p02 * s
    g1 = p01 + level.p11 * c + level.p12 * s
    g2 = p02 + level.p12 * c + level.p22 * s
    variance = g0 + g1 * c + g2 * s + share * (1 - share) * (1 / voices + BUCKET_RHO)
    off = (negative / voices - expected) / variance
    return Level(
        mean + g0 * off,
        level.cos + g1 * off,
        level.sin + g2 * off,
        p00 - g0 * g0 / variance,
        p01 - g0 * g1 / variance,
        p02 - g0 * g2 / variance,
        level.p11 - g1 * g1 / variance,
        level.p12 - g1 * g2 / variance,
        level.p22 - g2 * g2 / variance,
        at,
        level.rho_sum,
        level.rho_weight,
        level.pending,
        level.pending_weight,
    )


def expect(level: Level, at: float, usual: float) -> tuple[float, float]:
    """The share around bucket `at`, and the variance of that in units of p (1 - p)."""
    mean, p00, p01, p02 = _aged(level, at, usual)
    angle = 2 * math.pi * (at % DAY) / DAY
    c, s = math.cos(angle), math.sin(angle)
    share = mean + level.cos * c + level.sin * s
    share = min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)
    variance = (
        p00 + level.p11 * c * c + level.p22 * s * s + 2 * (p01 * c + p02 * s + level.p12 * c * s)
    )
    return share, min(max(variance / (share * (1 - share)), 0.0), 1.0)


def without_swings(level: Level) -> Level:
    """The same, as if no window had shown yet how far shares go from what is expected."""
    return replace(level, rho_sum=0.0, rho_weight=0.0, pending=0.0, pending_weight=0.0)


def settle(level: Level, share: float, at: int) -> Level:
    """Take `share` for the level from bucket `at` on: the wave and rho stay."""
    return Level(
        share,
        level.cos,
        level.sin,
        level.p00 + WANDER * share * (1 - share),
        level.p01,
        level.p02,
        level.p11,
        level.p12,
        level.p22,
        at,
        level.rho_sum,
        level.rho_weight,
    )


def unsettle(level: Level) -> Level:
    """Know the level no better than a new brand's: another model or query counts from now on."""
    return Level(
        level.mean,
        0.0,
        0.0,
        UNKNOWN * 0.1875,
        p11=WAVE * 0.1875,
        p22=WAVE * 0.1875,
        at=level.at,
        rho_sum=level.rho_sum,
        rho_weight=level.rho_weight,
    )


def swing(
    level: Level,
    window: int,
    *,
    free: bool,
    square: float,
    chance: float,
    variance: float,
    voices: int,
) -> Level:
    """Learn rho from whole windows, each once the next one is whole and unless one was held back.

    `square` is that of how far this window's share was from what was expected, `chance` the
    variance it had to have without rho, `variance` the one with it, all in units of p (1 - p):
    there they are without bias for a single post, on the arcsine scale they are not.
    """
    keep = 0.5 ** (window / RHO_MEMORY)
    total, weight = level.rho_sum, level.rho_weight
    if free and level.pending_weight:
        total = total * keep + level.pending_weight * level.pending
        weight = weight * keep + level.pending_weight
    pending = pending_weight = 0.0
    if free and voices:
        pending = min(square, MOST_SURPRISE * variance) - chance
        pending_weight = (voices / (1 + voices / INFORMATIVE)) ** 2
    return Level(
        level.mean,
        level.cos,
        level.sin,
        level.p00,
        level.p01,
        level.p02,
        level.p11,
        level.p12,
        level.p22,
        level.at,
        total,
        weight,
        pending,
        pending_weight,
    )


def _aged(level: Level, at: float, usual: float) -> tuple[float, float, float, float]:
    """The level's mean and covariances at bucket `at`, without anything new."""
    past = at - level.at
    if past <= 0 or not level.at:
        return level.mean, level.p00, level.p01, level.p02
    keep = math.exp(-past / MEMORY)
    wander = WANDER * max(usual * (1 - usual), 0.02)
    return (
        usual + (level.mean - usual) * keep,
        level.p00 * keep * keep + wander * (1 - keep * keep),
        level.p01 * keep,
        level.p02 * keep,
    )
