"""Short posts made to teach what tweets rarely show, and edits of real ones.

Tweets seldom hold a clear negation, a turn ("used to be ..."), a plain sentence about a group of
people, an emoji (the English ones have none at all) or a typo in the very word that matters. All
is drawn with a seed.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from processors.checks.edits import EDITS
from processors.emoji import DOWN, UP
from processors.model_card import LABELS
from processors.train import synthetic_words as words
from processors.train.samples import Sample

EDITED: Final = 0.15  # of the real posts
EDITED_MADE: Final = 0.35  # of those made here: short, so that the edit often hits what matters
MARKS: Final = ((0.01, 0.08), (0.015, 0.02), (0.08, 0.01))
"""For negative, neutral and positive posts, the share that gets `UP` and `DOWN`: about as often as
XLM-T's tweets have emoji of either kind."""

_NEGATIVE, _NEUTRAL, _POSITIVE = range(len(LABELS))
# What cleaning undoes (look-alikes, links, spaces between letters) need not be learnt.
_EDITS: Final = tuple(
    EDITS[name]
    for name in (
        "swapped letters",
        "dropped letter",
        "doubled letter",
        "neighbour key",
        "elongated",
        "joined words",
        "leet",
        "censored",
        "neutral tail",
    )
)


def made_up(count: int, *, random: Random, marks: bool) -> list[Sample]:
    """Return `count` made-up English posts, some edited; with `marks`, some with emoji."""
    return [
        Sample(_maybe_edit(text, EDITED_MADE, random), label, language="en")
        for text, label in (_one(random, marks=marks) for _ in range(count))
    ]


def augment(samples: Sequence[Sample], *, random: Random, marks: bool) -> Iterator[Sample]:
    """Yield each sample, now and then edited, and with `marks` with an emoji's mark added."""
    for one in samples:
        text = _maybe_edit(one.text, EDITED, random)
        if marks:
            text = _maybe_mark(text, one.label, random)
        yield one._replace(text=text)


def _one(random: Random, *, marks: bool) -> tuple[str, int]:
    kind = random.random()
    if kind < 0.62 or (kind >= 0.88 and not marks):
        return _opinion(random)
    if kind < 0.80:
        template, label = random.choice(words.ABOUT_PEOPLE)
        return template.format(p=random.choice(words.PEOPLE), w=random.choice(words.WHO)), label
    if kind < 0.88:
        template, label = random.choice(words.DIALECT)
        return template.format(n=random.choice(words.PLACES)), label
    return _marked(random)


def _opinion(random: Random) -> tuple[str, int]:
    label = random.choice((_NEGATIVE, _NEGATIVE, _POSITIVE, _POSITIVE, _NEUTRAL))
    template = random.choice((words.NEGATIVE, words.NEUTRAL, words.POSITIVE)[label])
    text = template.format(
        t=random.choice(words.THINGS),
        g=random.choice(words.GOOD),
        g2=random.choice(words.GOOD),
        b=random.choice(words.BAD),
        b2=random.choice(words.BAD),
        m=random.choice(words.MISHAPS),
        f=random.choice(words.FAIR),
    )
    if random.random() < 0.5:
        text = text[0].upper() + text[1:]
    return text + random.choice(("", "", ".", "!", "...")), label


def _marked(random: Random) -> tuple[str, int]:
    up = random.random() < 0.5
    mark = " ".join([UP if up else DOWN] * random.randint(1, 3))
    label = _POSITIVE if up else _NEGATIVE
    kind = random.random()
    if kind < 0.3:
        return mark, label
    if kind < 0.7:
        return f"{random.choice(words.FAIR)} {mark}", label
    # What is said the other way round is meant the mark's way.
    said = random.choice(words.GOOD if not up else words.BAD)
    return f"{random.choice(words.THINGS)} is {said} {mark}", label


def _maybe_edit(text: str, share: float, random: Random) -> str:
    if random.random() >= share:
        return text
    return random.choice(_EDITS)(text, random)


def _maybe_mark(text: str, label: int, random: Random) -> str:
    up, down = MARKS[label]
    draw = random.random()
    if draw >= up + down:
        return text
    mark = " ".join([UP if draw < up else DOWN] * random.randint(1, 3))
    return f"{text} {mark}" if random.random() < 0.85 else f"{mark} {text}"
