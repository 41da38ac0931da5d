"""What the multilingual model is trained and judged on: XLM-T, SemEval, Weibo.

Validation is XLM-T's own split, less Hindi, whose labels are noise, and a part of the
Weibo training posts. No text of them, nor of `smp2020_usual_eval`, is trained on.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from processors.clean import model_text
from processors.train.tweets import Example, NearCopies, key_of, read_training
from processors.train.tweets import read_validation as read_tweeteval

SOUND: Final = {
    "arabic": "ar",
    "english": "en",
    "french": "fr",
    "german": "de",
    "italian": "it",
    "portuguese": "pt",
    "spanish": "es",
}
"""XLM-T's languages whose labels can be trusted, and their codes."""

HINDI_FROM: Final = 1_140
"""The first row of XLM-T's Hindi training file whose label is worth something. One tweet in eight
is an English one of SemEval, with a label to compare: up to here a third agree, which is chance,
from 1,380 on three quarters do, and the answers of a classifier change in the same place."""

WEIBO: Final = {
    "happy": 2,
    "angry": 0,
    "sad": 0,
    "fear": 0,
    "neutral": 1,
    "neural": 1,
}
"""Polarity of Weibo's emotions; surprise is either, and left out."""

HELD_OUT: Final = 1_500
_EVALUATION: Final = "smp2020_usual_eval_labeled.json.gz"


class Row(NamedTuple):
    """A training post as model text, with the source that its sampling goes by."""

    text: str
    label: int
    language: str
    source: str


def read_xlmt(folder: Path, language: str, split: str) -> list[Example]:
    """Return XLM-T's `split` of `language`, in the order of the file; OSError if absent."""
    return _cleaned(published_xlmt(folder, language, split))


def published_xlmt(folder: Path, language: str, split: str) -> list[Example]:
    """Return what `read_xlmt` does, with the texts as published."""
    with gzip.open(folder / f"{language}_{split}_text.txt.gz", "rt", encoding="utf-8") as file:
        # Not splitlines: some tweets hold a line separator of Unicode.
        texts = file.read().rstrip("\n").split("\n")
    labels = (folder / f"{language}_{split}_labels.txt").read_text(encoding="utf-8").split()
    return [Example(text, int(label)) for text, label in zip(texts, labels, strict=True)]


def read_weibo(path: Path) -> list[Example]:
    """Return the posts of a Weibo file that have a polarity."""
    return _cleaned(published_weibo(path))


def published_weibo(path: Path) -> list[Example]:
    """Return what `read_weibo` does, with the texts as published."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        posts = json.load(file)
    return [
        Example(str(post["content"]), WEIBO[post["label"]])
        for post in posts
        if post["label"] in WEIBO
    ]


def read_validation(data: Path) -> dict[str, list[Example]]:
    """Return the validation posts by language code, Chinese being held-out training posts."""
    found = {code: read_xlmt(data / "xlmt", name, "val") for name, code in SOUND.items()}
    return found | {"zh": _cleaned(weibo_split(data / "zh")[0])}


def read_chinese_evaluation(data: Path) -> list[Example]:
    """Return `smp2020_usual_eval`, which takes the place of a Chinese test set: use it rarely."""
    return read_weibo(data / "zh" / _EVALUATION)


def read_rows(data: Path) -> list[Row]:
    """Return all training posts: none that is, or nearly is, one that is judged on; no repeats."""
    judged = [example.text for part in read_validation(data).values() for example in part]
    judged += [example.text for example in read_xlmt(data / "xlmt", "hindi", "val")]
    judged += [example.text for example in read_chinese_evaluation(data)]
    # XLM-T's English is drawn from SemEval: the other model is judged on these.
    judged += [example.text for example in read_tweeteval(data / "tweeteval")]
    return list(_new(_all_rows(data), NearCopies(judged)))


def sample(rows: Iterable[Row], *, shares: dict[str, float], random: Random) -> list[Row]:
    """Return one pass over `rows`: of each source as many times its posts as its share says.

    A share above 1 repeats the source; of one below, each class gets the same number of
    posts where it has them.
    """
    by_source: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_source[row.source].append(row)
    taken: list[Row] = []
    for source, found in by_source.items():
        whole, part = divmod(shares[source], 1)
        taken += found * int(whole) + _balanced(found, round(part * len(found)), random)
    return taken


def _balanced(rows: list[Row], wanted: int, random: Random) -> list[Row]:
    classes: dict[int, list[Row]] = defaultdict(list)
    for row in random.sample(rows, len(rows)):
        classes[row.label].append(row)
    taken: list[Row] = []
    # The rarest first: what it lacks, the others make up for.
    for left, found in enumerate(sorted(classes.values(), key=len)):
        taken += found[: (wanted - len(taken)) // (len(classes) - left)]
    return taken


def _all_rows(data: Path) -> Iterator[Row]:
    for name, code in SOUND.items():
        for text, label in read_xlmt(data / "xlmt", name, "train"):
            yield Row(text, label, code, "xlmt")
    for text, label in _cleaned(weibo_split(data / "zh")[1]):
        yield Row(text, label, "zh", "weibo")
    for text, label in read_weibo(data / "zh" / "smp2020_virus_train.json.gz"):
        yield Row(text, label, "zh", "virus")
    for text, label in read_training(data / "tweeteval", emoji="keep"):
        yield Row(text, label, "en", "semeval")
    # Last: of tweets that are in SemEval as well, SemEval's label is the better.
    for text, label in read_xlmt(data / "xlmt", "hindi", "train")[HINDI_FROM:]:
        yield Row(text, label, "hi", "hindi")


def weibo_split(folder: Path) -> tuple[list[Example], list[Example]]:
    """Return the held-out and the other posts of the usual Weibo training file, as published.

    None is, or nearly is, one of `smp2020_usual_eval`.
    """
    posts = published_weibo(folder / "smp2020_usual_train.json.gz")
    Random(0).shuffle(posts)
    evaluated = NearCopies(example.text for example in read_weibo(folder / _EVALUATION))
    keys = [key_of(text) for text, _ in _cleaned(posts)]
    clean = [post for post, key in zip(posts, keys, strict=True) if key and not evaluated.has(key)]
    return clean[:HELD_OUT], clean[HELD_OUT:]


def _cleaned(examples: Iterable[Example]) -> list[Example]:
    return [Example(model_text(text, emoji="keep"), label) for text, label in examples]


def _new(rows: Iterable[Row], judged: NearCopies) -> Iterator[Row]:
    seen: set[str] = set()
    for row in rows:
        # Pictures only: the key is empty, but there is something to learn from.
        key = key_of(row.text) or row.text
        if key and key not in seen and not judged.has(key):
            seen.add(key)
            yield row
