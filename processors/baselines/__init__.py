"""The simple methods that a model has to beat, as scorers: `groundswell evaluate NAME`.

vader         English: a lexicon and rules (Hutto and Gilbert 2014)
zh-lexicon    Chinese: word lists of HowNet and of Dalian University of Technology
a folder      a linear model over pieces of words, as `groundswell train --method svm` writes it
"""

from typing import Final

from processors.score import ModelError, Scorer

NAMES: Final = ("vader", "zh-lexicon")
LINEAR_CARD: Final = "linear.json"
"""What the folder of a linear model holds."""


def open_baseline(name: str) -> Scorer:
    """Return the scorer of one of `NAMES`; ModelError where what it needs is not installed."""
    from processors.baselines.chinese import ChineseLexicon
    from processors.baselines.vader import Vader

    try:
        return Vader() if name == "vader" else ChineseLexicon()
    except ModuleNotFoundError as error:
        raise ModelError(
            f"{name} needs {error.name}, which is not installed; it needs the extra: "
            f"pip install groundswell[baselines]"
        ) from error
