"""Where a surge of mood began: the likeliest change from one share to another."""

from forecasting.detector_state import HOUR, SCALES, Counts, DetectorState
from forecasting.records import Signal, Verdict


def share_of(detector: DetectorState, signal: Signal) -> float:
    """The share of the window that a signal is of."""
    total = detector.sums[SCALES.index(signal.minutes // 5)]
    return total.negative / max(total.voices, 1)


def began(tail: tuple[Counts, ...], share: float, verdict: Verdict) -> int:
    """Index of the bucket in `tail` where the surge began.

    That is after the lowest point of the running sum of negatives beyond half-way between the
    expected and the present share, so one lucky bucket does not break the run. The present is the
    highest of the last quarter, the last half hour, the last hour and the window that opened it, as
    a window that opens an incident is partly from before.
    """
    present = max(share, verdict.share)
    for newest in (tail[-HOUR // 4 :], tail[-HOUR // 2 :]):
        voices = max(sum(c.voices for c in newest), 1)
        present = max(present, sum(c.negative_voices for c in newest) / voices)
    halfway = (verdict.share_expected + present) / 2
    total, lowest, first = 0.0, 0.0, 0
    for i, c in enumerate(tail):
        total += c.negative_voices - halfway * c.voices
        if total <= lowest:
            lowest, first = total, i + 1
    return min(first, len(tail) - 1)
