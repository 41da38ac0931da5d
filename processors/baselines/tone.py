"""From one number, negative to positive, to what a `Scorer` answers."""

from math import exp
from typing import Final

from processors.records import UNKNOWN_LANGUAGE, Label, Sentiment

_SHARPNESS: Final = 4.0


def by_tone(tone: float, *, threshold: float, model: str, language: str, reads: str) -> Sentiment:
    """Return positive from `threshold` on, negative up to minus that, neutral in between.

    `tone` from -1 to 1. The probabilities say how far it is from there (a softmax of the
    distances): they order posts, and nobody has calibrated them. Abstains where `language` is
    another than the one it `reads`.
    """
    label: Label = "neutral"
    if abs(tone) >= threshold:
        label = "positive" if tone > 0 else "negative"
    powers = [exp(_SHARPNESS * (-tone - threshold)), 1.0, exp(_SHARPNESS * (tone - threshold))]
    negative, neutral, positive = (round(power / sum(powers), 6) for power in powers)
    return Sentiment(
        label,
        negative,
        neutral,
        positive,
        model,
        abstained=language not in (reads, UNKNOWN_LANGUAGE),
    )
