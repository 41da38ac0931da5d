"""How much of a model's skill is left when labelled posts are written badly or disguised."""

import re
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Final

from msgspec import Struct

from processors.checks.edits import EDITS
from processors.model_card import FailureRate
from processors.records import UNKNOWN_LANGUAGE, Label, Sentiment
from processors.score import Scorer

ANY_EDIT: Final = "any of these"
"""The entry for posts under all edits: right after each one, or flipped by one."""

# A subject of a few plain words, a form of "to be", one word of opinion: there "not" turns the
# opinion over. In longer sentences it may belong to anything.
_COPULA = re.compile(
    r"(?i)((?:the|this|that|it|my|your|our|their)(?: [a-z]+){0,2} (?:is|was|are|were)) "
    r"(not )?([a-z]+)([.!]*)"
)
# What is no opinion there, or whose "not" does not lower it ("not worse", "not only").
_NO_OPINION = re.compile(
    "a|an|the|not|only|just|so|too|very|in|on|at|by|for|from|of|to|back|here|there|over|now"
    "|going|coming|being|worse|better|best|worst|more|most|less|least"
)


class Attack(Struct, frozen=True, kw_only=True):
    """What one edit did to posts with a label; shares from 0 to 1."""

    posts: int  # that the edit could change
    accuracy_before: float
    accuracy_after: float
    flipped: float  # posts whose label changed, right or wrong


def attack(
    scorer: Scorer,
    examples: Iterable[tuple[str, Label]],
    *,
    seed: int,
    language: str = UNKNOWN_LANGUAGE,
) -> dict[str, Attack]:
    """Return what each edit of `processors.checks.edits` does, by its name.

    `examples`: (text, label), all of the one `language`. An edit is judged on the posts it
    changes, before and after; one that changes none of them is left out. The entry `ANY_EDIT` is
    about all posts: a post counts as right if it is so after every edit.
    """
    known = list(examples)
    labels = [label for _, label in known]
    random = Random(seed)
    edited = {name: [edit(text, random) for text, _ in known] for name, edit in EDITS.items()}
    before = _score(scorer, [text for text, _ in known], language)
    given = iter(_score(scorer, [text for texts in edited.values() for text in texts], language))
    after = {name: [next(given) for _ in known] for name in edited}
    found = {}
    for name, texts in edited.items():
        changed = [at for at, text in enumerate(texts) if text != known[at][0]]
        if changed:
            found[name] = _compare(changed, labels, before, [after[name]])
    if known:
        found[ANY_EDIT] = _compare(range(len(known)), labels, before, list(after.values()))
    return found


def toggle_not(text: str) -> str:
    """Put "not" into a short copular sentence, or take it out; any other text as it was.

    >>> toggle_not("The food was great!"), toggle_not("It is not bad"), toggle_not("I like it")
    ('The food was not great!', 'It is bad', 'I like it')
    """
    found = _COPULA.fullmatch(text.strip())
    if found is None or _NO_OPINION.fullmatch(found[3].lower()):
        return text
    return f"{found[1]} {'' if found[2] else 'not '}{found[3]}{found[4]}"


def negate(scorer: Scorer, examples: Iterable[tuple[str, Label]]) -> FailureRate:
    """Return how often "not" fails to lower the share of the label it contradicts (English).

    Only short copular sentences with an opinion count; the others are passed over.
    """
    pairs = [
        (text, toggled, label)
        for text, label in examples
        if label != "neutral" and (toggled := toggle_not(text)) != text
    ]
    before = _score(scorer, [text for text, _, _ in pairs], "en")
    after = _score(scorer, [toggled for _, toggled, _ in pairs], "en")
    failed = sum(
        _share(new, label) >= _share(old, label)
        for old, new, (_, _, label) in zip(before, after, pairs, strict=True)
    )
    return FailureRate(cases=len(pairs), failed=failed / max(1, len(pairs)))


def _compare(
    rows: Sequence[int],
    labels: Sequence[Label],
    before: Sequence[Sentiment],
    after: Sequence[Sequence[Sentiment]],
) -> Attack:
    def share(true: Callable[[int], bool]) -> float:
        return sum(map(true, rows)) / len(rows)

    return Attack(
        posts=len(rows),
        accuracy_before=share(lambda at: before[at].label == labels[at]),
        accuracy_after=share(lambda at: all(given[at].label == labels[at] for given in after)),
        flipped=share(lambda at: any(given[at].label != before[at].label for given in after)),
    )


def _score(scorer: Scorer, texts: Sequence[str], language: str) -> list[Sentiment]:
    return scorer.score(texts, languages=[language] * len(texts))


def _share(given: Sentiment, label: Label) -> float:
    return given.p_negative if label == "negative" else given.p_positive
