"""Tables of labelled posts: CSV, TSV and JSONL, `.gz` or not.

Labels are words (negative, neutral, positive, or neg, neu, pos) or numbers, which are -1 / 0 / 1
where a -1 occurs in the file and 0 / 1 / 2 where a 2 does. With 0 and 1 alone they could be either
and more (many a collection has no neutral), so that is refused.
"""

import csv
import gzip
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from processors.labelled import VALIDATION, DataError, Labelled
from processors.records import UNKNOWN_LANGUAGE

_WORDS: Final = {
    **dict.fromkeys(("negative", "neg"), 0),
    **dict.fromkeys(("neutral", "neu"), 1),
    **dict.fromkeys(("positive", "pos"), 2),
}
_FROM_ZERO: Final = {"0": 0, "1": 1, "2": 2}
_AROUND_ZERO: Final = {"-1": 0, "0": 1, "1": 2}
_SPLITS: Final = dict.fromkeys(("val", "valid", "validation", "dev"), VALIDATION)
_CODE = re.compile(r"([a-z]{2}|und)(?:[-_].*)?")
_HALF: Final = "\\ud"  # how JSON begins to write half of a character


class _Row(NamedTuple):
    line: int  # in the file, from 1
    text: str
    label: str
    language: str
    split: str


class _Json(Struct):
    text: str
    label: str | int | Annotated[float, Meta(ge=-1, le=2)]
    language: str | None = None
    split: str | None = None


def read_table(path: Path) -> list[Labelled]:
    """Return the rows of a table in its order; DataError names file and line, OSError if absent."""
    kind = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    readers = {"csv": _from_csv, "tsv": _from_tsv, "jsonl": _from_jsonl, "ndjson": _from_jsonl}
    if kind not in readers:
        raise DataError(f"{path}: the name has to end in .csv, .tsv or .jsonl (and .gz)")
    with _opened(path) as file:
        rows = list(readers[kind](file, path))
    meaning = _meaning({row.label for row in rows}, path)
    return [_labelled(row, meaning, path) for row in rows]


def _opened(path: Path) -> IO[str]:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _from_csv(file: IO[str], path: Path) -> Iterator[_Row]:
    return _from_columns(file, path, delimiter=",", quoting=csv.QUOTE_MINIMAL)


def _from_tsv(file: IO[str], path: Path) -> Iterator[_Row]:
    # Tweets are full of quotes that quote nothing.
    return _from_columns(file, path, delimiter="\t", quoting=csv.QUOTE_NONE)


def _from_columns(
    file: IO[str], path: Path, *, delimiter: str, quoting: Literal[0, 3]
) -> Iterator[_Row]:
    rows = csv.reader(file, delimiter=delimiter, quoting=quoting, strict=True)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        missing = {"text", "label"} - set(names)
        if missing:
            wanted = " and no column ".join(sorted(missing))
            raise DataError(f"{path}, line 1: no column {wanted}; it has {', '.join(names)}")
        at = {name: names.index(name) for name in _Row._fields if name in names}
        for row in rows:
            if not row:
                continue
            if len(row) <= max(at.values()):
                raise DataError(
                    f"{path}, line {rows.line_num}: {len(row)} columns, expected {len(names)}"
                )
            found = {name: row[column] for name, column in at.items()}
            yield _row(rows.line_num, found)
    except csv.Error as error:
        raise DataError(f"{path}, line {rows.line_num}: {error}") from error


def _from_jsonl(file: IO[str], path: Path) -> Iterator[_Row]:
    # Lines end at \n alone: a text may hold a line separator of Unicode.
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            found = _from_line(line)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise DataError(f"{path}, line {number}: {error}; read {line.strip()[:60]}") from error
        label = found.label
        if isinstance(label, float) and label.is_integer():
            label = int(label)
        named = {"language": found.language or "", "split": found.split or ""}
        yield _row(number, {"text": found.text, "label": str(label), **named})


def _from_line(line: str) -> _Json:
    try:
        return msgspec.json.decode(line, type=_Json)
    except msgspec.MsgspecError:
        if _HALF not in line.lower():
            raise
    # Takes lone surrogates, which platforms do send.
    return msgspec.convert(json.loads(line), _Json)


def _row(line: int, found: Mapping[str, str]) -> _Row:
    label = found["label"].strip().lower().removeprefix("+")
    language, split = (found.get(name, "").strip().lower() for name in ("language", "split"))
    return _Row(line, found["text"], label.removesuffix(".0"), language, split)


def _meaning(labels: set[str], path: Path) -> Mapping[str, int]:
    """Tell what the labels of a file mean."""
    numbers = labels & {"-1", "0", "1", "2"}
    if {"-1", "2"} <= numbers:
        raise DataError(f"{path}: labels from -1 to 2 are four; there are three classes")
    if numbers and not numbers & {"-1", "2"}:
        raise DataError(
            f"{path}: its labels are {' and '.join(sorted(numbers))} alone, which could mean "
            f"neutral or positive; write negative, neutral, positive"
        )
    return _WORDS | (_AROUND_ZERO if "-1" in numbers else _FROM_ZERO)


def _labelled(row: _Row, meaning: Mapping[str, int], path: Path) -> Labelled:
    if row.label not in meaning:
        raise DataError(
            f"{path}, line {row.line}: label {row.label[:40]!r} is none of negative, neutral, "
            f"positive, 0, 1, 2 and -1, 0, 1"
        )
    code = _CODE.fullmatch(row.language or UNKNOWN_LANGUAGE)
    if code is None:
        raise DataError(
            f"{path}, line {row.line}: language {row.language[:40]!r} is no code such as en"
        )
    split = _SPLITS.get(row.split, row.split)
    return Labelled(row.text, meaning[row.label], code[1], split)
