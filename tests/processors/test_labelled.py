"""Labelled posts from tables and from collections as they are published."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.labelled import APART, DataError, Labelled, files_of, read_judged, read_labelled
from processors.labelled_table import read_table
from processors.train import languages

DATA = Path(__file__).parents[3] / "shared" / "data"
HERE = pytest.mark.skipif(not DATA.exists(), reason="the data is not beside the checkout")


def _file(path: Path, text: str) -> Path:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def _refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_labelled(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message


ROWS = [Labelled("so good", 2, "en", ""), Labelled("meh, ok", 1, "en", "")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", 'text,label,language\nso good,positive,en\n"meh, ok",neutral,en\n'),
        ("a.csv.gz", 'language,Label , TEXT\r\nen,POS,so good\r\nEN,neu,"meh, ok"\r\n'),
        ("a.tsv", "text\tlabel\tlanguage\nso good\t2\ten\n\nmeh, ok\t1\ten-US\n"),
        ("a.tsv.gz", "\ufefftext\tlabel\tlanguage\nso good\t+1\ten\nmeh, ok\t0\ten\nx\t-1\ten\n"),
        (
            "a.jsonl",
            '{"text":"so good","label":2,"language":"en","id":5}\n\n'
            '{"text":"meh, ok","label":1.0,"language":"en"}\n',
        ),
        (
            "a.ndjson.gz",
            '{"text":"so good","label":"pos","language":"en"}\n{"text":"meh, ok",'
            '"label":"1","language":"en"}\n{"text":"x","label":"2","language":"en"}',
        ),
    ],
)
def test_tables_of_every_kind(name: str, text: str, tmp_path: Path) -> None:
    assert read_labelled(_file(tmp_path / name, text))[:2] == ROWS


def test_quotes_are_part_of_a_tweet_in_tab_separated_files(tmp_path: Path) -> None:
    path = _file(tmp_path / "a.tsv", 'text\tlabel\n"quoted" he said\tneutral\n"half\tneutral\n')
    assert [row.text for row in read_table(path)] == ['"quoted" he said', '"half']


def test_minus_one_shifts_the_meaning_of_numbers(tmp_path: Path) -> None:
    path = _file(tmp_path / "a.csv", "text,label\na,-1\nb,0\nc,1\nd,neg\n")
    assert [row.label for row in read_table(path)] == [0, 1, 2, 0]
    path = _file(tmp_path / "a.csv", "text,label\na,0\nb,1\nc,2\n")
    assert [row.label for row in read_table(path)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "review,label\nx,1\n", "line 1: no column text; it has review, label"),
        ("a.csv", "", "no column label and no column text"),
        ("a.csv", "text,label\n", "holds no labelled posts"),
        ("a.csv", "text,label\na,positive\nb,grand\n", "line 3: label 'grand'"),
        ("a.csv", 'text,label\n"a\nb",positive\nb,5\n', "line 4: label '5'"),
        ("a.csv", "text,label\na,0\nb,1\n", "0 and 1 alone"),
        ("a.csv", "text,label\na,-1\nb,2\n", "-1 to 2"),
        ("a.csv", "text,label\nb\n", "line 2: 1 columns, expected 2"),
        ("a.csv", 'text,label\n"b,1\n', "line 2: unexpected end of data"),
        ("a.csv", "text,label,language\na,pos,english\n", "line 2: language 'english'"),
        ("a.jsonl", '{"text":"a","label":"pos"}\n{"text":5,"label":1}\n', "line 2: Expected `str`"),
        ("a.jsonl", '{"label":"pos"}\n', "line 1: Object missing required field `text`"),
        ("a.jsonl", '{"text":"a","label":tru\n', "line 1: JSON is malformed"),
        ("a.jsonl", '{"text":"a","label":null}\n', "line 1: Expected"),
        ("a.jsonl", '{"text":"a","label":0.5}\n', "line 1: label '0.5'"),
        ("a.txt", "x", "has to end in .csv, .tsv or .jsonl"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, text: str, says: str, tmp_path: Path) -> None:
    assert says in _refused(_file(tmp_path / name, text))


def test_half_a_character_is_read_as_platforms_send_it(tmp_path: Path) -> None:
    path = _file(tmp_path / "a.jsonl", '{"text":"\\ud83d bad","label":"neg"}\n')
    assert read_labelled(path) == [Labelled("\ud83d bad", 0, "und", "")]
    refused = _refused(_file(path, '{"text":"\\uD83D bad","label":true}\n'))
    assert "line 1: Expected" in refused


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "smp2020_x.json.gz"])
def test_a_file_of_other_bytes_is_named(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x1f\x8b\x08\x00\xff\xfe\x00 text,label" * 9)
    _refused(path)


def test_a_cut_off_file_is_named(tmp_path: Path) -> None:
    path = _file(tmp_path / "a.csv.gz", "text,label\n" + "good,positive\n" * 900)
    path.write_bytes(path.read_bytes()[:-20])
    _refused(path)


def test_a_path_that_leads_nowhere_or_to_nothing_known(tmp_path: Path) -> None:
    assert "no such file" in _refused(tmp_path / "nope.csv")
    assert "TweetEval, XLM-T, SMP2020" in _refused(tmp_path)


def test_what_is_for_training_judges_nobody(tmp_path: Path) -> None:
    text = "text,label,split\na,pos,train\nb,neg,DEV\nc,neu,test\nd,neu,\n"
    path = _file(tmp_path / "a.csv", text)
    assert [row.split for row in read_labelled(path)] == ["train", "val", "test", ""]
    assert [row.text for row in read_judged(path)] == ["b", "c", "d"]
    path = _file(tmp_path / "a.csv", "text,label,split\na,pos,train\n")
    assert len(read_judged(path)) == 1  # named on purpose, and there is nothing else


@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs", "Cc"])),
            st.sampled_from(["negative", "neutral", "positive"]),
        ),
        min_size=1,
    )
)
def test_json_lines_read_back_as_written(
    rows: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("data") / "a.jsonl"
    _file(path, "".join(json.dumps({"text": t, "label": label}) + "\n" for t, label in rows))
    found = read_table(path)
    assert [row.text for row in found] == [text for text, _ in rows]
    assert [("negative", "neutral", "positive")[row.label] for row in found] == [
        label for _, label in rows
    ]


@pytest.fixture
def tweets(tmp_path: Path) -> Path:
    folder = tmp_path / "tweets"
    folder.mkdir()
    _file(folder / "sentiment_val_text.txt.gz", 'Let\\u2019s \\""go\\"" \U0001f600 http://t.co/1\n')
    _file(folder / "sentiment_val_labels.txt", "2\n")
    head = "source\tid\tlabel\tin_val\ttext\n"
    row = "a\t1\tnegative\t0\tno way \U0001f621 http://t.co/1\n"
    _file(folder / "semeval2013_2016_train.tsv.gz", head + row)
    return folder


def test_tweets_are_judged_as_published_and_trained_on_as_model_text(tweets: Path) -> None:
    judged = Labelled('Let\u2019s "go" \U0001f600 http://t.co/1', 2, "en", "val")
    assert read_judged(tweets) == [judged]
    assert read_labelled(tweets) == [Labelled("no way \U0001f621", 0, "en", "train"), judged]
    assert [file.name for file in files_of(tweets)] == [
        "sentiment_val_text.txt.gz",
        "sentiment_val_labels.txt",
    ]


def test_a_collection_without_its_training_file_can_still_judge(tweets: Path) -> None:
    (tweets / "semeval2013_2016_train.tsv.gz").unlink()
    assert len(read_judged(tweets)) == 1
    with pytest.raises(DataError, match="semeval2013_2016_train"):
        read_labelled(tweets)


def test_labels_that_do_not_fit_the_texts_are_refused(tweets: Path) -> None:
    _file(tweets / "sentiment_val_labels.txt", "2\n1\n")
    assert "argument" in _refused(tweets)


def test_hindi_is_read_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "HINDI_FROM", 1)
    for name in [*languages.SOUND, "hindi"]:
        for split, texts in {
            "val": "the one we judge by",
            "train": f"one {name}\ntwo {name}",
        }.items():
            lines = texts.split("\n")
            _file(tmp_path / f"{name}_{split}_text.txt.gz", "\n".join(lines) + "\n")
            _file(tmp_path / f"{name}_{split}_labels.txt", "1\n" * len(lines))
    judged = read_judged(tmp_path)
    assert {row.language for row in judged if row.split == APART} == {"hi"}
    assert {row.language for row in judged if row.split == "val"} == set(languages.SOUND.values())
    train = [row.text for row in read_labelled(tmp_path) if row.split == "train"]
    assert len(train) == 2 * len(languages.SOUND) + 1
    assert "one hindi" not in train


def test_posts_with_emotions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "HELD_OUT", 1)
    posts = {
        "usual_train": [("今天真开心", "happy"), ("气死我了", "angry"), ("哇", "surprise")],
        "usual_eval_labeled": [("通知如下", "neural")],
        "virus_train": [("武汉加油", "happy"), ("通知，如下！", "neutral")],
    }
    for name, rows in posts.items():
        found = [{"id": 1, "content": text, "label": label} for text, label in rows]
        _file(tmp_path / f"smp2020_{name}.json.gz", json.dumps(found))
    rows = read_labelled(tmp_path)
    assert Counter(row.split for row in rows) == {"val": 1, "train": 2}
    assert not [row for row in rows if "如下" in row.text]  # judged on, where it is asked for
    named = read_judged(tmp_path / "smp2020_usual_eval_labeled.json.gz")
    assert named == [Labelled("通知如下", 1, "zh", "test")]


@HERE
@pytest.mark.parametrize(
    ("name", "posts"),
    [
        ("tweeteval", {"en": 2_000}),
        ("xlmt", dict.fromkeys(["ar", "en", "fr", "de", "hi", "it", "pt", "es"], 324)),
        ("zh", {"zh": 1_500}),
        ("zh/smp2020_usual_eval_labeled.json.gz", {"zh": 1_814}),
    ],
)
def test_the_collections_as_they_lie(name: str, posts: dict[str, int]) -> None:
    found = read_judged(DATA / name)
    assert Counter(row.language for row in found) == posts
    assert {row.label for row in found} == {0, 1, 2}
