"""What the multilingual training reads, and what it must not."""

import gzip
import json
from pathlib import Path
from random import Random

import pytest

from processors.train import languages as data
from processors.train.languages import Row, read_rows, read_validation, sample
from processors.train.tweets import NearCopies, key_of
from processors.train.tweets import read_validation as read_tweeteval

DATA = Path(__file__).parents[4] / "shared" / "data"
SEEN = "the meeting with the sponsors of the club is on monday morning"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".gz":
        with gzip.open(path, "wt", encoding="utf-8") as file:
            file.write(text)
    else:
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All data sets, a few posts each: the German ones and the Weibo ones matter."""
    monkeypatch.setattr(data, "HELD_OUT", 1)
    monkeypatch.setattr(data, "HINDI_FROM", 1)
    for name in [*data.SOUND, "hindi"]:
        texts = {"train": [f"{name} eins", f"{name} zwei 😍"], "val": [f"{name} drei"]}
        if name == "german":
            texts["train"] += [f"RT @user: {SEEN}!!", "german  EINS", "http"]
        if name == "english":
            texts["val"] += [SEEN]
        for split, lines in texts.items():
            _write(tmp_path / "xlmt" / f"{name}_{split}_text.txt.gz", "\n".join(lines) + "\n")
            labels = "".join(f"{row % 3}\n" for row in range(len(lines)))
            _write(tmp_path / "xlmt" / f"{name}_{split}_labels.txt", labels)
    posts = [
        ("今天真开心", "happy"),
        ("气死我了", "angry"),
        ("哇没想到", "surprise"),
        ("通知如下", "neural"),
    ]
    _weibo(tmp_path, "usual_train", posts)
    _weibo(tmp_path, "usual_eval_labeled", [("今天，真开心！", "happy")])
    _weibo(tmp_path, "virus_train", [("武汉加油[心]", "happy")])
    tweets = tmp_path / "tweeteval"
    _write(tweets / "sentiment_val_text.txt.gz", "something else\n")
    _write(tweets / "sentiment_val_labels.txt", "1\n")
    train = "source\tid\tlabel\tin_val\ttext\n"
    train += f"a\t1\tpositive\t0\t{SEEN}\na\t2\tnegative\t0\thindi zwei\n"
    _write(tweets / "semeval2013_2016_train.tsv.gz", train)
    return tmp_path


def _weibo(folder: Path, name: str, posts: list[tuple[str, str]]) -> None:
    found = [{"id": 1, "content": text, "label": label} for text, label in posts]
    _write(folder / "zh" / f"smp2020_{name}.json.gz", json.dumps(found))


def test_nothing_judged_on_is_trained_on(folder: Path) -> None:
    texts = [row.text for row in read_rows(folder)]
    assert not [text for text in texts if "sponsors" in text]  # German and SemEval copies alike
    assert "今天真开心" not in texts  # is in the evaluation, with other punctuation
    judged = read_validation(folder)
    assert len(judged["zh"]) == 1
    assert not {example.text for part in judged.values() for example in part} & set(texts)


def test_no_tweet_that_the_english_model_is_judged_on_is_trained_on(folder: Path) -> None:
    (judged,) = read_tweeteval(folder / "tweeteval")
    for split, name in (("train", "english"), ("train", "french")):
        path = folder / "xlmt" / f"{name}_{split}_text.txt.gz"
        _write(path, f"{name} eins\n@user Something, ELSE http\n")
    texts = [row.text for row in read_rows(folder)]
    assert {"english eins", "french eins"} <= set(texts)
    assert key_of(judged.text) not in {key_of(text) for text in texts}


@pytest.mark.skipif(not (DATA / "xlmt").exists(), reason="the data sets are not here")
def test_no_training_row_is_a_tweet_of_tweeteval_s_validation() -> None:
    judged = [example.text for example in read_tweeteval(DATA / "tweeteval")]
    rows = read_rows(DATA)
    assert len(judged) == 2_000
    assert {"semeval", "xlmt", "hindi"} <= {row.source for row in rows}
    keys = {key_of(text) for text in judged} - {""}
    assert [row for row in rows if key_of(row.text) in keys] == []
    english = [row for row in rows if row.language in ("en", "hi") and key_of(row.text)]
    near = NearCopies(judged)
    assert [row for row in english if near.has(key_of(row.text))] == []


def test_rows_are_distinct_and_keep_emoji(folder: Path) -> None:
    rows = read_rows(folder)
    german = [row.text for row in rows if row.language == "de"]
    assert german == ["german eins", "german zwei 😍"]  # no repeat, nothing without words


def test_hindi_begins_late_and_yields_to_semeval(folder: Path) -> None:
    rows = [row for row in read_rows(folder) if "hindi" in row.text]
    assert rows == [Row("hindi zwei", 0, "en", "semeval")]


def test_weibo_polarity(folder: Path) -> None:
    posts = data.read_weibo(folder / "zh" / "smp2020_usual_train.json.gz")
    assert [(post.text, post.label) for post in posts] == [
        ("今天真开心", 2),
        ("气死我了", 0),
        ("通知如下", 1),
    ]


def test_validation_has_no_hindi(folder: Path) -> None:
    assert set(read_validation(folder)) == {"ar", "en", "fr", "de", "it", "pt", "es", "zh"}


def test_a_share_repeats_or_balances() -> None:
    rows = [Row(f"a{i}", 0, "zh", "weibo") for i in range(80)]
    rows += [Row(f"b{i}", 1, "zh", "weibo") for i in range(15)]
    rows += [Row(f"c{i}", 2, "zh", "weibo") for i in range(5)]
    rows += [Row("d", 2, "en", "xlmt")]
    taken = sample(rows, shares={"weibo": 0.3, "xlmt": 2.0}, random=Random(0))
    counts = [sum(r.label == label and r.source == "weibo" for r in taken) for label in range(3)]
    assert counts == [13, 12, 5]  # all five of the rarest; the others share what it lacks
    assert [row.text for row in taken if row.source == "xlmt"] == ["d", "d"]
