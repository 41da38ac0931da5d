"""Which words moved a score: each one is left out in turn, and the label's probability compared.

Occlusion (Zeiler & Fergus 2014; for words, Li et al. 2016, "Understanding Neural Networks through
Representation Erasure"): it needs nothing of the model but its scores, and what it says is true of
the model by construction: without this word, the share was so much lower.
"""

import re
from itertools import islice
from typing import Final, NamedTuple

from processors.records import MAX_TEXT_BYTES, Label
from processors.score import Scorer

MAX_WORDS: Final = 64
"""Words from the start of a text that are left out in turn; the model reads not many more."""
MAX_CHARS: Final = MAX_TEXT_BYTES
"""Of a longer text the start is explained; a post is never longer."""

_CJK = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Blocks rather than a list of emoji, which changes every year (as in `processors.clean`). Skin
# tones, joiners, variation selectors and the halves of flags belong to the picture before them.
_PICTURE = (
    "[\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
)
_AFTER = "[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\u20e3\U000e0020-\U000e007f]"
_EMOJI = f"{_PICTURE}{_AFTER}*(?:\u200d{_PICTURE}{_AFTER}*)*|[\U0001f1e6-\U0001f1ff]{{1,2}}"
# In this order: a hashtag stays whole; writing without spaces is cut into pairs, which most words
# of Chinese are; anything else goes up to the next space, picture or such writing.
_WORD = re.compile(rf"[#＃]\w+|{_EMOJI}|[{_CJK}]{{1,2}}|(?:(?!{_EMOJI})[^\s{_CJK}])+")


class WordEffect(NamedTuple):
    """A word as published, and how much the label's probability falls without it (-1 to 1)."""

    word: str
    effect: float


class Explanation(NamedTuple):
    """A score's label, and the effect of each of the first words, in the text's order."""

    label: Label
    words: tuple[WordEffect, ...]


def explain(scorer: Scorer, text: str, *, language: str) -> Explanation:
    """Explain the score of `text`, in one call of the scorer. Total on any `str`.

    `language`: as `Scorer.score` takes it. A word that the model does not read (a link) has no
    effect. Words that stand for each other ("awful, terrible") share little: without either, the
    other one still says it.
    """
    text = text[:MAX_CHARS]
    spans = [found.span() for found in islice(_WORD.finditer(text), MAX_WORDS)]
    variants = [text[:start] + text[end:] for start, end in spans]
    whole, *without = scorer.score([text, *variants], languages=[language] * (1 + len(variants)))
    share = f"p_{whole.label}"
    full: float = getattr(whole, share)
    return Explanation(
        whole.label,
        tuple(
            WordEffect(text[start:end], round(full - getattr(other, share), 4))
            for (start, end), other in zip(spans, without, strict=True)
        ),
    )


def largest_first(found: Explanation, *, least: float = 0.005) -> list[WordEffect]:
    """Return the words that moved the score by `least` or more, the strongest support first."""
    moved = [one for one in found.words if abs(one.effect) >= least]
    return sorted(moved, key=lambda one: -one.effect)
