"""The tweets the English model is trained and judged on (SemEval 2013 to 2016, TweetEval).

Both files carry the marks of how they were published: `\\u2019` escapes, the quotes
of a CSV writer, links in one and none in the other. They are undone here, so that
`processors.clean` stays free of them.
"""

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

from processors.clean import Emoji, model_text
from processors.model_card import LABELS

_INDEX = {str(label): index for index, label in enumerate(LABELS)}
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_BLANK_ESCAPE = re.compile(r"\\[nrt](?![A-Za-z])")
_DOUBLED_QUOTE = re.compile(r'\\?""|\\"')
_NOT_LETTERS = re.compile(r"[\W_]+")
_EDGE = 14  # characters of a copy's start or end that have to be untouched
_SAME = 0.9


class Example(NamedTuple):
    """One labelled tweet as model text; `label` is an index into `LABELS`."""

    text: str
    label: int


class Sourced(NamedTuple):
    """A labelled tweet as published; `source` is a part of SemEval, such as 2013dev."""

    source: str
    text: str
    label: int


def undo_export(text: str) -> str:
    """Undo backslash escapes and CSV quoting of the published files."""
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    # An emoji was written as two escapes: join the halves, drop a half on its own.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    text = _DOUBLED_QUOTE.sub('"', _BLANK_ESCAPE.sub(" ", text)).strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    if text.count('"') % 2:
        return text.removesuffix('"')
    return text


def read_validation(folder: Path) -> list[Example]:
    """Return the 2,000 tweets of TweetEval's validation split; OSError if absent."""
    return [Example(model_text(text), label) for text, label in published_validation(folder)]


def published_validation(folder: Path) -> list[Example]:
    """Return what `read_validation` does, with the texts as published on the platform."""
    with gzip.open(folder / "sentiment_val_text.txt.gz", "rt", encoding="utf-8") as file:
        texts = [undo_export(line) for line in file]
    labels = (folder / "sentiment_val_labels.txt").read_text(encoding="utf-8").split()
    return [Example(text, int(label)) for text, label in zip(texts, labels, strict=True)]


def read_training(folder: Path, *, emoji: Emoji = "drop") -> list[Example]:
    """Return the training tweets: none that is, or nearly is, a validation tweet; no repeats.

    `emoji` as in `model_text`.
    """
    near = NearCopies(example.text for example in read_validation(folder))
    kept: dict[str, Example] = {}
    for one in read_sourced(folder):
        text = model_text(one.text, emoji=emoji)
        key = key_of(text)
        if key and key not in kept and not near.has(key):
            kept[key] = Example(text, one.label)
    return list(kept.values())


def read_sourced(folder: Path) -> Iterator[Sourced]:
    """Yield the tweets published for training, but for those marked as validation tweets."""
    with gzip.open(folder / "semeval2013_2016_train.tsv.gz", "rt", encoding="utf-8") as file:
        next(file)
        for line in file:
            source, _id, label, in_val, raw = line.rstrip("\n").split("\t")
            if in_val == "0":
                yield Sourced(source, undo_export(raw), _INDEX[label])


def key_of(text: str) -> str:
    """Return what two copies of a post share: its letters and digits, in lower case."""
    return _NOT_LETTERS.sub("", text.replace("@user", "").lower())


class NearCopies:
    """Texts to be told from near copies: the same start or end, and 0.9 alike."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_edge: dict[str, list[str]] = defaultdict(list)
        for key in map(key_of, texts):
            self._by_edge["^" + key[:_EDGE]].append(key)
            self._by_edge["$" + key[-_EDGE:]].append(key)

    def has(self, key: str) -> bool:
        found = self._by_edge.get("^" + key[:_EDGE], []) + self._by_edge.get("$" + key[-_EDGE:], [])
        return any(SequenceMatcher(None, key, other).ratio() >= _SAME for other in found)
