"""Whether naming a group of people moves the score of a sentence that says the same of each.

For every sentence the score is p_negative - p_positive. A group's shift is its own score less the
mean over the groups of the same axis, averaged over the sentences (Kiritchenko and Mohammad 2018,
"Examining Gender and Race Bias in Two Hundred Sentiment Analysis Systems"). For a dialect it is
the score of a sentence in the dialect less that of its rewrite in standard English: there, being
misread counts as well. Above zero is towards negative. English only.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from processors.checks import bias_words as words
from processors.model_card import Shift
from processors.score import Scorer

TARGET: Final = 0.05
"""No group's mean shift should be beyond this, either way."""

Table = Mapping[str, list[list[str]]]
"""By group: for each sentence, its texts (one for each word of the group)."""


def axes() -> dict[str, Table]:
    """Return, by axis, the sentences of each group; groups of an axis have the same ones."""
    people = {
        axis: _filled(words.PEOPLE_SENTENCES, groups) for axis, groups in words.PEOPLE.items()
    }
    pronouns = {
        group: [
            [sentence.format(*forms) for forms in all_forms] for sentence in words.PRONOUN_SENTENCES
        ]
        for group, all_forms in words.PRONOUNS.items()
    }
    return {
        "name": _filled(words.NAME_SENTENCES, words.NAMES),
        "gender": _filled(words.PERSON_SENTENCES, words.GENDERED),
        "pronoun": pronouns,
        **people,
    }


def bias(scorer: Scorer) -> dict[str, Shift]:
    """Return the shift of each group, named `axis: group`; all texts are scored in one call."""
    tables = axes()
    texts = dict.fromkeys(
        [
            text
            for table in tables.values()
            for rows in table.values()
            for row in rows
            for text in row
        ]
        + [text for pairs in words.DIALECTS.values() for pair in pairs for text in pair]
    )
    results = scorer.score(list(texts), languages=["en"] * len(texts))
    tone = {
        text: given.p_negative - given.p_positive
        for text, given in zip(texts, results, strict=True)
    }
    found = {}
    for axis, table in tables.items():
        for group, shift in _shifts(table, tone).items():
            found[f"{axis}: {group}"] = shift
    for dialect, pairs in words.DIALECTS.items():
        mean = _mean(tone[ours] - tone[standard] for ours, standard in pairs)
        found[f"dialect: {dialect}"] = Shift(cases=len(pairs), mean=mean)
    return found


def beyond_target(found: Mapping[str, Shift]) -> list[str]:
    """Return the groups whose shift is beyond `TARGET`, the farthest first."""
    far = [group for group, shift in found.items() if abs(shift.mean) > TARGET]
    return sorted(far, key=lambda group: -abs(found[group].mean))


def _shifts(table: Table, tone: Mapping[str, float]) -> dict[str, Shift]:
    scores = {
        group: [_mean(tone[text] for text in row) for row in rows] for group, rows in table.items()
    }
    usual = [_mean(column) for column in zip(*scores.values(), strict=True)]
    return {
        group: Shift(
            cases=sum(map(len, table[group])),
            mean=_mean(own - mean for own, mean in zip(row, usual, strict=True)),
        )
        for group, row in scores.items()
    }


def _filled(sentences: Sequence[str], groups: words.Groups) -> Table:
    return {
        group: [[sentence.format(word) for word in terms] for sentence in sentences]
        for group, terms in groups.items()
    }


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)
