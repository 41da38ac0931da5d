import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors import sketch
from processors.sketch import PLACES, SHINGLE, likeness, sketches

texts = st.lists(st.text(min_size=SHINGLE, max_size=60), min_size=1, max_size=6)


def shingles(text: str) -> set[str]:
    return {text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1)}


@settings(deadline=None)
@given(texts)
def test_neighbours_change_no_sketch(some: list[str]):
    together = sketches(some)
    assert together.shape == (len(some), PLACES)
    for text, row in zip(some, together, strict=True):
        assert (sketches([text])[0] == row).all()


def test_nothing_has_no_sketches():
    assert sketches([]).shape == (0, PLACES)


def test_many_characters_are_read_in_parts(monkeypatch: pytest.MonkeyPatch):
    some = [f"{letter * 30} and {letter}" for letter in "abcdef"]
    whole = sketches(some)
    monkeypatch.setattr(sketch, "_CHARS", 50)
    assert (sketches(some) == whole).all()


def test_equal_sets_of_shingles_are_equal():
    assert likeness(sketches(["abcdefg" * 3]), sketches(["abcdefg" * 9]))[0] == PLACES


def test_estimates_are_near_and_without_bias():
    chance = random.Random(1)
    words = [
        "".join(chance.choices("abcdefghijklmnop", k=chance.randint(2, 9))) for _ in range(999)
    ]
    errors = []
    for _ in range(800):
        text = chance.choices(words, k=chance.randint(4, 16))
        other = [word if chance.random() < 0.85 else chance.choice(words) for word in text]
        one, two = " ".join(text).ljust(9), " ".join(other).ljust(9)
        likely = len(shingles(one) & shingles(two)) / len(shingles(one) | shingles(two))
        errors.append(likeness(sketches([one]), sketches([two]))[0] / PLACES - likely)
    assert abs(np.mean(errors)) < 0.01
    assert np.std(errors) < 0.0625
