"""Every post that the templates can give: none judges a model, each means one thing."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from string import Formatter

import pytest

from processors.checks import bias_words
from processors.checks.bias import axes
from processors.checks.suite import cases
from processors.clean import model_text
from processors.train import synthetic_words as words
from processors.train.tweets import key_of

OPINION = {
    "t": words.THINGS,
    "g": words.GOOD,
    "g2": words.GOOD,
    "b": words.BAD,
    "b2": words.BAD,
    "m": words.MISHAPS,
    "f": words.FAIR,
}


def filled(template: str, fields: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The template with every choice of words."""
    names = dict.fromkeys(name for _, name, _, _ in Formatter().parse(template) if name)
    for chosen in product(*(fields[name] for name in names)):
        yield template.format(**dict(zip(names, chosen, strict=True)))


def everything() -> Iterator[tuple[str, int]]:
    for label, templates in enumerate((words.NEGATIVE, words.NEUTRAL, words.POSITIVE)):
        for template in templates:
            yield from ((text, label) for text in filled(template, OPINION))
    for template, label in words.ABOUT_PEOPLE:
        people = {"p": words.PEOPLE, "w": words.WHO}
        yield from ((text, label) for text in filled(template, people))
    for template, label in words.DIALECT:
        yield from ((text, label) for text in filled(template, {"n": words.PLACES}))
    yield from ((f"{thing} is {word}", -1) for thing in words.THINGS for word in words.GOOD)
    yield from ((f"{thing} is {word}", -1) for thing in words.THINGS for word in words.BAD)


@pytest.fixture(scope="module")
def meanings() -> dict[str, set[int]]:
    """What copies of each post share, and its labels; -1 where an emoji decides."""
    found: dict[str, set[int]] = {}
    for text, label in everything():
        found.setdefault(key_of(text), set()).add(label)
    return found


def test_no_post_is_one_of_the_suite_s_or_of_the_bias_sentences(
    meanings: dict[str, set[int]],
) -> None:
    judged = [text for case in cases() for text in (case.text, case.base)]
    for table in axes().values():
        judged += [text for rows in table.values() for row in rows for text in row]
    judged += [text for pairs in bias_words.DIALECTS.values() for pair in pairs for text in pair]
    # As written, and as the model reads it: disguises undone.
    both = {key_of(text): text for text in judged}
    both |= {key_of(model_text(text)): text for text in judged}
    del both[""]  # emoji alone
    assert len(both) > 3_000
    assert {key: both[key] for key in both.keys() & meanings.keys()} == {}


def test_no_post_means_two_things(meanings: dict[str, set[int]]) -> None:
    assert {key: labels for key, labels in meanings.items() if len(labels) > 1} == {}


def test_posts_are_what_the_model_would_read() -> None:
    samples = [text for number, (text, _) in enumerate(everything()) if number % 97 == 0]
    assert [text for text in samples if model_text(text) != text] == []


def test_good_and_bad_share_no_word() -> None:
    assert not set(words.GOOD) & set(words.BAD)
    for listed in (words.THINGS, words.GOOD, words.BAD, words.MISHAPS, words.FAIR, words.PEOPLE):
        assert len(set(listed)) == len(listed)
