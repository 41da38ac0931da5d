"""The negative share of a brand's posts, with an interval that owns up to the classifier.

    mean_share       the mean calibrated probability; needs no labels
    corrected_share  the same after recalibration by labels of the same stream
    estimate_share   the corrected one where there are labels enough, else the other

Counting labels is biased by the classifier's errors, and error rates from another stream do not
transfer (docs/share.md has the figures). What people said of single posts of the window counts
exactly, and is not extrapolated: only labels that were drawn by score alone say anything of others.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np

from forecasting.recalibrate import DRIFT_SPREAD, Recalibration, logits
from forecasting.share_records import LabelledScore, Method, ShareEstimate, Window
from forecasting.share_tail import quantiles

INTERVAL: Final = (0.05, 0.95)
ENOUGH: Final = 0.5
"""Labels are enough where they at least halve the interval: then what they say of the classifier
outweighs, three to one in information, what other streams let expect."""


def estimate_share(window: Window, labels: Sequence[LabelledScore]) -> ShareEstimate | None:
    """Return the estimate to show, None for a window without posts.

    `labels`: recent random labels of the stream, with the scores that count now. Those in the
    window are among its known posts as well.

    >>> from forecasting.share_records import ScoreBin
    >>> day = Window(bins=(ScoreBin(mean=0.05, posts=700), ScoreBin(mean=0.8, posts=300)))
    >>> told = estimate_share(day, [])
    >>> told.method, round(told.share, 2), round(told.lower, 2), round(told.upper, 2)
    ('mean_probability', 0.28, 0.08, 0.59)
    >>> labels = [LabelledScore(p_negative=0.05, negative=n < 15) for n in range(50)]
    >>> labels += [LabelledScore(p_negative=0.8, negative=n < 47) for n in range(50)]
    >>> told = estimate_share(day, labels)
    >>> told.method, round(told.share, 2), round(told.lower, 2), round(told.upper, 2)
    ('corrected', 0.49, 0.35, 0.65)
    """
    plain = mean_share(window)
    if plain is None or not is_enough(window, labels):
        return plain
    return corrected_share(window, labels)


def is_enough(window: Window, labels: Sequence[LabelledScore]) -> bool:
    """Whether the labels say enough of the classifier for the corrected share to be shown.

    What may have drifted since they were given is left out: it says nothing of their number, and
    the interval that is shown allows for it.
    """
    if not window.unknown or not labels:
        return False
    before, _, above = _span(window, Recalibration([]), drift=0.0)
    lower, _, upper = _span(window, Recalibration(labels), drift=0.0)
    return upper - lower <= ENOUGH * (above - before)


def mean_share(window: Window) -> ShareEstimate | None:
    """Return the mean probability; its interval is what the bias of other streams allows for."""
    if not window.posts:
        return None
    given = sum(one.mean * one.posts for one in window.bins)
    lower, _, upper = _span(window, Recalibration([]), drift=0.0)
    note = "may be off: no labels of this stream say how the classifier does here"
    if not window.unknown:
        note = "every post was labelled by a person"
    return _estimate(
        (window.known_negative + given) / window.posts,
        (lower, upper),
        method="mean_probability",
        labels=0,
        note=note,
    )


def corrected_share(window: Window, labels: Sequence[LabelledScore]) -> ShareEstimate:
    """Return the share after recalibration by `labels`. ValueError for a window without posts.

    A stream's bias drifts from day to day: the smaller the part of the labels that is from the
    window itself, the more of that drift the interval allows for.
    """
    if not window.posts:
        raise ValueError("a window without posts has no share")
    inside = sum(one.in_window for one in labels) / len(labels) if labels else 1.0
    drift = DRIFT_SPREAD * sqrt(1 - inside)
    lower, mean, upper = _span(window, Recalibration(labels), drift=drift)
    return _estimate(
        mean,
        (lower, upper),
        method="corrected",
        labels=len(labels),
        note=f"recalibrated by {len(labels)} random labels of this stream",
    )


def _span(
    window: Window, recalibration: Recalibration, *, drift: float
) -> tuple[float, float, float]:
    """Lower end, mean and upper end of the share, what is known counted exactly."""
    bins = [one for one in window.bins if one.posts]
    if not bins:
        share = window.known_negative / window.posts
        return share, share, share
    posts = np.array([one.posts for one in bins], np.float64)
    chances, weights = recalibration.chances(logits([one.mean for one in bins]), drift=drift)
    lower, upper = quantiles(chances, weights, posts, INTERVAL)
    mean = float(weights @ (chances @ posts)) / window.unknown

    def whole(share: float) -> float:
        return (window.known_negative + share * window.unknown) / window.posts

    return whole(lower), whole(mean), whole(upper)


def _estimate(
    share: float, interval: tuple[float, float], *, method: Method, labels: int, note: str
) -> ShareEstimate:
    share = min(1.0, max(0.0, share))
    # Of few posts the likeliest whole number may be all of the interval.
    lower, upper = min(share, *interval), max(share, *interval)
    return ShareEstimate(
        share=share,
        lower=max(0.0, lower),
        upper=min(1.0, upper),
        method=method,
        labels=labels,
        note=note,
    )
