"""Labelled files to what a run learns from, is steered by and is judged on."""

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from processors.clean import Emoji, model_text
from processors.labelled import APART, TRAIN, VALIDATION, DataError, Labelled, read_labelled
from processors.train.samples import Sample
from processors.train.tweets import NearCopies, key_of

TEST: Final = "test"
_TENTH: Final = 10


class Splits(NamedTuple):
    """`train` is learnt from; `dev` stops and calibrates; `test` is for the figures alone."""

    train: list[Sample]
    dev: list[Sample]
    test: list[Sample]


def read_splits(
    paths: Sequence[Path], *, languages: Sequence[str], seed: int, emoji: Emoji
) -> Splits:
    """Read the files; DataError if one cannot be read or if there is nothing to train on.

    What the data call test is the test; where they call nothing so, what they call validation.
    Where nobody said, a tenth of the rows (by a hash of the text and `seed`) are the test and the
    dev each. No row of a split is, or nearly is, one of a split behind it, whatever its file.
    `languages` empty: all of them.
    """
    rows = [row for path in paths for row in read_labelled(path)]
    rows = [row for row in rows if not languages or row.language in languages]
    named = {row.split for row in rows}
    found: dict[str, list[Sample]] = {TRAIN: [], VALIDATION: [], TEST: []}
    seen: set[str] = set()
    for row in rows:
        text = model_text(row.text, emoji=emoji)
        key = key_of(text) or text
        if key and row.split != APART:
            split = _split(row, key, named, seed)
            # Judged rows stay as published; of training rows a repeat says nothing new.
            if split == TEST or key not in seen:
                found[split].append(Sample(text, row.label, language=row.language))
                seen.add(key)
    test = found[TEST]
    dev = _new(found[VALIDATION], test)
    train = _new(found[TRAIN], [*test, *dev])
    if not train or not dev or not test:
        names = ", ".join(map(str, paths))
        raise DataError(
            f"{names}: {len(train)} rows to train on, {len(dev)} to steer by, {len(test)} to judge "
            f"by; each takes some"
        )
    return Splits(train, dev, test)


def _split(row: Labelled, key: str, named: set[str], seed: int) -> str:
    if row.split == TEST:
        return TEST
    if row.split == VALIDATION:
        return VALIDATION if TEST in named else TEST
    tenth = blake2b(f"{seed}\0{key}".encode(), digest_size=8).digest()[0] % _TENTH
    if tenth == 0 and not named & {VALIDATION, TEST}:
        return TEST
    if tenth == 1 and not {VALIDATION, TEST} <= named:
        return VALIDATION
    return TRAIN


def _new(samples: Sequence[Sample], judged: Sequence[Sample]) -> list[Sample]:
    near = NearCopies(one.text for one in judged)
    exact = {one.text for one in judged}
    return [
        one
        for one in samples
        if one.text not in exact and not (key_of(one.text) and near.has(key_of(one.text)))
    ]
