"""What the training reads of the published files."""

import gzip
from pathlib import Path

import pytest

from processors.train.tweets import (
    Example,
    Sourced,
    read_sourced,
    read_training,
    read_validation,
    undo_export,
)

HEAD = "source\tid\tlabel\tin_val\ttext"


@pytest.mark.parametrize(
    ("published", "tweet"),
    [
        (r"Let\u2019s go\u002c now", "Let\u2019s go, now"),
        (r"\ud83d\ude00 and half \ud83d", "\U0001f600 and half"),  # two escapes are one emoji
        (r"one\n#two \newline", r"one #two \newline"),  # a letter after it: not an escape
        ('"all of it quoted "', "all of it quoted "),
        (r'"It read: \""Stand up\"""', 'It read: "Stand up"'),
        ('the quote was lost in front"', "the quote was lost in front"),
        ('she said ""yes""', 'she said "yes"'),
    ],
)
def test_export_is_undone(published: str, tweet: str) -> None:
    assert undo_export(published) == tweet


def _folder(path: Path, *, validation: list[str], training: list[str]) -> Path:
    with gzip.open(path / "sentiment_val_text.txt.gz", "wt", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in validation)
    (path / "sentiment_val_labels.txt").write_text("1\n" * len(validation), encoding="utf-8")
    with gzip.open(path / "semeval2013_2016_train.tsv.gz", "wt", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in [HEAD, *training])
    return path


def test_no_validation_tweet_is_trained_on(tmp_path: Path) -> None:
    seen = "The meeting with the sponsors of the club is on Monday morning"
    training = [
        "a\t1\tneutral\t1\tmarked as a validation tweet",
        f"a\t2\tneutral\t0\t@someone {seen.upper()}!! http://t.co/abc",  # the same to a reader
        f"a\t3\tneutral\t0\tUpd: {seen}",  # nearly the same
        "a\t4\tnegative\t0\tThe meeting with the sponsors was a disaster from start to end",
        "a\t5\tpositive\t0\tThe meeting with the sponsors was a disaster, from start to end",
        "a\t6\tpositive\t0\thttp://t.co/only",  # nothing to read
    ]
    folder = _folder(tmp_path, validation=[f"@user {seen}"], training=training)
    assert read_training(folder) == [
        Example("The meeting with the sponsors was a disaster from start to end", 0)
    ]


def test_a_tweet_keeps_the_name_of_what_it_was_part_of(tmp_path: Path) -> None:
    training = [
        r"2013dev	1	neutral	0	I\u2019m here",
        "2016test	2	positive	1	of the validation tweets",
        "2015test	3	negative	0	awful",
    ]
    folder = _folder(tmp_path, validation=[], training=training)
    assert list(read_sourced(folder)) == [
        Sourced("2013dev", "I\u2019m here", 1),
        Sourced("2015test", "awful", 0),
    ]


def test_validation_keeps_every_row(tmp_path: Path) -> None:
    folder = _folder(tmp_path, validation=["one", "one", ""], training=[])
    assert read_validation(folder) == [Example("one", 1), Example("one", 1), Example("", 1)]
