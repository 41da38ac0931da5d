"""The collections that are known, read as they are published.

    TweetEval   folder with `sentiment_val_text.txt.gz` (English tweets)
    XLM-T       folder with `LANGUAGE_val_text.txt.gz` (tweets in eight languages)
    SMP2020     folder, or one `smp2020_*.json.gz` of it (Weibo posts with emotions)

Where the training files are missing, what there is to judge by can still be read.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from processors.clean import model_text
from processors.labelled import APART, TRAIN, VALIDATION, Labelled, Source
from processors.train import languages, tweets
from processors.train.tweets import Example, NearCopies, key_of

_TWEETS: Final = ("sentiment_val_text.txt.gz", "sentiment_val_labels.txt")
_HINDI: Final = ("hindi", "hi")
_WEIBO: Final = ("smp2020_usual_train.json.gz", "smp2020_usual_eval_labeled.json.gz")
_VIRUS: Final = "smp2020_virus_train.json.gz"


def collection(path: Path) -> Source | None:
    """Return what is at `path` if it is a collection that is known."""
    if path.name.startswith("smp2020_") and path.name.endswith(".json.gz"):
        return _weibo_file(path)
    if (path / _TWEETS[0]).is_file():
        return _tweets(path)
    if (path / "english_val_text.txt.gz").is_file():
        return _xlmt(path)
    if (path / _WEIBO[0]).is_file():
        return _weibo(path)
    return None


def _tweets(folder: Path) -> Source:
    def judged() -> list[Labelled]:
        return _rows(tweets.published_validation(folder), "en", VALIDATION)

    def everything() -> list[Labelled]:
        return _rows(tweets.read_training(folder, emoji="keep"), "en", TRAIN) + judged()

    return Source(tuple(folder / name for name in _TWEETS), judged, everything)


def _xlmt(folder: Path) -> Source:
    """Validation rows, Hindi apart; training rows of Hindi from where its labels mean something."""
    every = [*languages.SOUND.items(), _HINDI]
    files = [
        folder / f"{name}_val_{part}" for name, _ in every for part in ("text.txt.gz", "labels.txt")
    ]

    def judged() -> list[Labelled]:
        found: list[Labelled] = []
        for name, code in every:
            split = APART if code == _HINDI[1] else VALIDATION
            found += _rows(languages.published_xlmt(folder, name, "val"), code, split)
        return found

    def everything() -> list[Labelled]:
        rows: list[Labelled] = []
        for name, code in every:
            start = languages.HINDI_FROM if code == _HINDI[1] else 0
            rows += _rows(languages.published_xlmt(folder, name, "train")[start:], code, TRAIN)
        kept = judged()
        return [*_new(rows, kept), *kept]

    return Source(tuple(files), judged, everything)


def _weibo(folder: Path) -> Source:
    """Held-out posts of the training file to judge by; the evaluation file has to be named."""

    def judged() -> list[Labelled]:
        return _rows(languages.weibo_split(folder)[0], "zh", VALIDATION)

    def everything() -> list[Labelled]:
        held_out, rest = languages.weibo_split(folder)
        rows = _rows(rest + languages.published_weibo(folder / _VIRUS), "zh", TRAIN)
        evaluated = languages.read_weibo(folder / _WEIBO[1])
        kept = _rows(held_out, "zh", VALIDATION)
        return [*_new(rows, [*kept, *_rows(evaluated, "zh", VALIDATION)]), *kept]

    return Source(tuple(folder / name for name in _WEIBO), judged, everything)


def _weibo_file(path: Path) -> Source:
    split = TRAIN if "_train" in path.name else "test"

    def read() -> list[Labelled]:
        return _rows(languages.published_weibo(path), "zh", split)

    return Source((path,), read, read)


def _rows(examples: Iterable[Example], language: str, split: str) -> list[Labelled]:
    return [Labelled(text, label, language, split) for text, label in examples]


def _new(rows: Iterable[Labelled], judged: Iterable[Labelled]) -> Iterator[Labelled]:
    """Make model text of `rows`; leave out repeats and what is, or nearly is, judged on."""
    near = NearCopies(model_text(row.text, emoji="keep") for row in judged)
    seen: set[str] = set()
    for row in rows:
        text = model_text(row.text, emoji="keep")
        # Pictures only: the key is empty, but there is something to learn from.
        key = key_of(text) or text
        if key and key not in seen and not near.has(key):
            seen.add(key)
            yield row._replace(text=text)
