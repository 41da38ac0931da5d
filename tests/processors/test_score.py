"""The memory of scores, and model folders that cannot be used."""

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, ClassVar, Self

import msgspec
import numpy as np
import pytest

from processors.model_card import CARD_FILE, Card
from processors.models import ENGLISH, open_model
from processors.records import Sentiment
from processors.score import AnswerError, CachedScorer, ModelError, checked, load_scorer
from processors.score_constant import ConstantScorer
from processors.score_onnx import CHUNK, OnnxScorer


class Recording(ConstantScorer):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        self.asked.append(list(texts))
        return super().score(texts, languages=languages)


def test_only_unknown_texts_are_scored_and_each_once() -> None:
    inner = Recording()
    scorer = CachedScorer(inner, entries=10)
    scorer.score(["love it", "hate it", "love it https://t.co/1"])
    results = scorer.score(["on Monday", "hate  it", "love it"])
    assert inner.asked == [["love it", "hate it"], ["on Monday"]]
    assert [result.label for result in results] == ["neutral", "negative", "positive"]
    assert (scorer.hits, scorer.misses) == (3, 3)


def test_a_near_copy_is_another_text() -> None:
    scorer = CachedScorer(ConstantScorer(), entries=10)
    long = "the new {} of this brand for which we all waited so very long"
    first, second = scorer.score([long.format("good"), long.format("bad")])
    assert (first.label, second.label) == ("positive", "negative")
    assert scorer.hits == 0


def test_the_same_text_in_another_language_is_another_text() -> None:
    inner = Recording()
    scorer = CachedScorer(inner, entries=10)
    scorer.score(["gift", "gift", "gift"], languages=["en", "de", "en"])
    assert inner.asked == [["gift", "gift"]]
    scorer.score(["gift"])  # nobody said: a third one
    assert (scorer.hits, scorer.misses) == (1, 3)


def test_the_text_seen_longest_ago_is_forgotten() -> None:
    inner = Recording()
    scorer = CachedScorer(inner, entries=2)
    scorer.score(["one"])
    scorer.score(["two"])
    scorer.score(["one"])  # now two is the older
    scorer.score(["three"])
    scorer.score(["one", "two"])
    assert inner.asked == [["one"], ["two"], [], ["three"], ["two"]]


def test_a_call_may_be_larger_than_the_memory() -> None:
    texts = [f"text {number}" for number in range(50)]
    assert len(CachedScorer(ConstantScorer(), entries=3).score(texts)) == 50


def test_text_is_cleaned_once_only() -> None:
    # "&amp;lt;" is "&lt;" to the model; cleaned again it would be "<".
    inner = Recording()
    CachedScorer(inner).score(["&amp;lt; good"])
    assert inner.asked == [["&amp;lt; good"]]


def test_a_memory_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        CachedScorer(ConstantScorer(), entries=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ENGLISH, tmp_path / "model"))


def _refused(folder: Path) -> str:
    """The one line that says why the folder cannot be used."""
    with pytest.raises(ModelError) as caught:
        OnnxScorer(folder, threads=1)
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder) in message
    return message


@pytest.mark.parametrize("name", ["card.json", "tokenizer.json", "heads.npz", "exit-0.onnx"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\x00garbage\n" * 1_000])
def test_an_unusable_file_is_named_in_one_line(
    folder: Path, name: str, content: bytes | None
) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    assert str(folder / name) in _refused(folder)


@pytest.mark.parametrize("name", ["heads.npz", "exit-0.onnx"])
def test_a_cut_off_file_is_named(folder: Path, name: str) -> None:
    file = folder / name
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert name in _refused(folder)


def test_a_card_for_other_labels_is_refused(folder: Path) -> None:
    card = (folder / "card.json").read_text(encoding="utf-8")
    swapped = card.replace('"neutral"', '"x"', 1).replace('"positive"', '"neutral"', 1)
    (folder / "card.json").write_text(swapped.replace('"x"', '"positive"', 1), encoding="utf-8")
    assert "labels" in _refused(folder)


def test_a_card_without_a_calibration_for_any_language_is_refused(folder: Path) -> None:
    card = msgspec.json.decode((folder / CARD_FILE).read_bytes())
    for one in card["exits"]:
        one["calibration"] = {"en": {"temperature": 1.0}}
    (folder / CARD_FILE).write_bytes(msgspec.json.encode(card))
    assert "calibration" in _refused(folder)


@pytest.mark.parametrize("file", ["../../etc/passwd.onnx", "/x.onnx", "x.py"])
def test_a_card_that_names_a_file_elsewhere_is_refused(folder: Path, file: str) -> None:
    card = msgspec.json.decode((folder / CARD_FILE).read_bytes())
    card["exits"][0]["file"] = file
    (folder / CARD_FILE).write_bytes(msgspec.json.encode(card))
    assert "card.json" in _refused(folder)


@pytest.mark.parametrize(
    ("weight", "bias"),
    [
        (np.zeros((2, 384)), np.zeros(3)),
        (np.zeros((3, 384)), np.zeros(2)),
        (np.full((3, 384), np.nan), np.zeros(3)),
        (np.zeros(384), np.zeros(3)),
    ],
)
def test_heads_that_cannot_be_are_refused(
    folder: Path, weight: np.ndarray, bias: np.ndarray
) -> None:
    exits = len(OnnxScorer(folder, threads=1).card.exits)
    parts = {f"weight_{index}": weight for index in range(exits)}
    np.savez(folder / "heads.npz", **parts, **{f"bias_{index}": bias for index in range(exits)})
    assert "heads.npz" in _refused(folder)


def test_the_exits_of_a_model_are_not_to_be_mixed_up(folder: Path) -> None:
    card = msgspec.json.decode((folder / CARD_FILE).read_bytes())
    card["exits"] = [card["exits"][0]] * 2  # the second one cannot read what the first one says
    (folder / CARD_FILE).write_bytes(msgspec.json.encode(card))
    with np.load(folder / "heads.npz") as heads:
        head = {name: heads[f"{name}_0"] for name in ("weight", "bias")}
    both = {f"{name}_{index}": part for name, part in head.items() for index in range(2)}
    np.savez(folder / "heads.npz", **both)
    assert card["exits"][0]["file"] in _refused(folder)


@pytest.mark.parametrize("name", ["nowhere", "engl\u00efsh", ""])
def test_a_model_that_there_is_not_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="auto, english, languages") as caught:
        open_model(name, threads=1)
    assert str(caught.value).startswith(name)


def test_the_shipped_model_loads_with_a_memory() -> None:
    scorer = load_scorer("english", threads=1)
    [result] = scorer.score(["Absolutely love the new phone, brilliant camera!"], languages=["en"])
    assert result.label == "positive"
    assert result.model == scorer.version


def test_the_shipped_folder_is_small_and_complete() -> None:
    files = {file.name: file.stat().st_size for file in ENGLISH.iterdir()}
    card = msgspec.json.decode((ENGLISH / CARD_FILE).read_bytes(), type=Card)
    parts = {one.file for one in card.exits}
    assert set(files) >= {"card.json", "tokenizer.json", "heads.npz", *parts}
    assert sum(size for name, size in files.items() if name in parts) <= 25e6
    assert sum(files.values()) <= 30e6


def test_the_english_model_reads_emoji_that_take_sides() -> None:
    angry, glad, neither = load_scorer("english", threads=1).score(
        ["\U0001f621\U0001f621", "\U0001f60d", "\U0001f6b2"], languages=["en"] * 3
    )
    assert (angry.label, glad.label) == ("negative", "positive")
    assert neither.abstained


GOOD = Sentiment("neutral", 0.1, 0.8, 0.1, "m")


@pytest.mark.parametrize(
    "answer",
    [
        Sentiment("neutral", float("nan"), 0.8, 0.1, "m"),
        Sentiment("neutral", float("inf"), 0.8, 0.1, "m"),
        Sentiment("neutral", -0.1, 1.0, 0.1, "m"),
        Sentiment("neutral", 0.1, 0.2, 0.1, "m"),
        Sentiment("neutral", 0.1, 0.8, 0.1, "m", oov=float("nan")),
        Sentiment("angry", 0.1, 0.8, 0.1, "m"),  # type: ignore[arg-type]
        ("neutral", 0.1, 0.8, 0.1, "m"),
    ],
)
def test_an_answer_that_is_no_sentiment_is_refused_and_not_remembered(answer: Any) -> None:
    class Once:
        version = "m"
        answers: ClassVar[list[Any]] = [answer, GOOD]

        def score(
            self, texts: Sequence[str], *, languages: Sequence[str] | None = None
        ) -> list[Sentiment]:
            assert (len(texts), languages) == (1, ["und"])
            return [self.answers.pop(0)]

    scorer = CachedScorer(Once())
    with pytest.raises(AnswerError):
        scorer.score(["a text"])
    assert scorer.score(["a text"]) == [GOOD]


def test_as_many_answers_as_texts() -> None:
    with pytest.raises(AnswerError, match="1 answers to 2 texts"):
        checked([GOOD], ["a", "b"])


def test_without_early_exits_the_last_one_answers_every_text() -> None:
    texts = ["I love it", "the worst airline ever", "it lands on Monday, they say"]
    whole = OnnxScorer(ENGLISH, threads=1, early_exits=False)
    last = len(whole.card.exits) - 1
    assert {one.exit for one in whole.read(texts, ["en"] * 3)} == {last}
    early = OnnxScorer(ENGLISH, threads=1)
    assert min(one.exit for one in early.read(texts, ["en"] * 3)) < last


class _Language(str):
    """A language that does something when the model asks for it."""

    asked: Callable[[], None]

    def __new__(cls, asked: Callable[[], None]) -> Self:
        made = super().__new__(cls, "en")
        made.asked = asked
        return made

    def __hash__(self) -> int:
        self.asked()
        return super().__hash__()


def test_after_an_error_what_has_not_begun_is_left_alone() -> None:
    raised = Event()
    calls: list[int] = []

    def asked(number: int) -> None:
        calls.append(number)
        if number == 0:
            raise ValueError("no such language")
        raised.wait(timeout=30)  # whoever is under way meanwhile is still there when it is told

    scorer = OnnxScorer(ENGLISH, threads=1)
    texts = [f"it lands on Monday at {number} they say" for number in range(8 * CHUNK)]
    languages = [_Language(partial(asked, number)) for number in range(len(texts))]
    with pytest.raises(ValueError, match="no such language"):
        scorer.read(texts, languages)
    raised.set()
    scorer.read(texts[:1], ["en"])  # in turn: all before it is done
    assert 1 <= len(set(calls)) <= 1 + CHUNK
