"""Labelled posts from files: tables of anybody's, and the known collections as published.

    read_labelled   everything at a path, to train with
    read_judged     what there is to judge a model by
    files_of        the files that `read_judged` reads

A path is a CSV, TSV or JSONL file (`.gz` or not) with columns `text`, `label` and, if it has them,
`language` and `split`; or a folder or file of a collection in `processors.labelled_sets`.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

TRAIN: Final = "train"
VALIDATION: Final = "val"
APART: Final = "apart"
"""The split of rows whose labels are not to be trusted: reported, and in no figure of the whole."""


class DataError(Exception):
    """A file of labelled posts cannot be read. The message is one line and names the file."""


class Labelled(NamedTuple):
    """A labelled post.

    `text`: as published; of a collection's training rows, model text with emoji. `label`: index
    into `processors.model_card.LABELS`. `language`: ISO 639-1 or `und`. `split`: `train`, `val`,
    `test`, `apart`, another word of a table's own, or empty where nobody said.
    """

    text: str
    label: int
    language: str
    split: str


class Source(NamedTuple):
    """What is at a path: the files to judge by, and how to read all rows or those alone."""

    files: tuple[Path, ...]
    judged: Callable[[], list[Labelled]]
    everything: Callable[[], list[Labelled]]


def read_labelled(path: Path) -> list[Labelled]:
    """Return all rows at `path`; DataError.

    Of a known collection, no training row is, or nearly is, one that is judged on; across
    collections and in tables of your own that is up to you.
    """
    source = _open(path)
    with _told(path):
        return _some(source.everything(), path)


def read_judged(path: Path) -> list[Labelled]:
    """Return the rows at `path` a model can be judged by: all that are not for training.

    A table in which every row is for training was named on purpose: all its rows. DataError.
    """
    source = _open(path)
    with _told(path):
        return _some(source.judged(), path)


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the files that `read_judged` reads, in a fixed order; DataError."""
    return _open(path).files


def _open(path: Path) -> Source:
    # Here and not above: those modules need the names of this one.
    from processors.labelled_sets import collection
    from processors.labelled_table import read_table

    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    known = collection(path)
    if known is not None:
        return known
    if path.is_dir():
        raise DataError(
            f"{path}: holds none of the collections that are known (TweetEval, XLM-T, SMP2020); "
            f"name a CSV, TSV or JSONL file"
        )

    def judged() -> list[Labelled]:
        rows = read_table(path)
        return [row for row in rows if row.split != TRAIN] or rows

    return Source((path,), judged, lambda: read_table(path))


def _some(rows: list[Labelled], path: Path) -> list[Labelled]:
    if not rows:
        raise DataError(f"{path}: holds no labelled posts")
    return rows


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Make a DataError that names `path` of whatever a damaged file raises."""
    try:
        yield
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        if isinstance(error, FileNotFoundError) and error.filename:
            raise DataError(f"{error.filename}: no such file") from error
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(f"{path}: cannot be read: {reason}") from error
