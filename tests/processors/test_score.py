"""The memory of scores, and model folders that cannot be used."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from processors.evaluate import SHIPPED
from processors.records import Sentiment
from processors.score import CachedScorer, ModelError, load_scorer
from processors.score_constant import ConstantScorer
from processors.score_onnx import OnnxScorer


class Recording(ConstantScorer):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def score(self, texts: Sequence[str]) -> list[Sentiment]:
        self.asked.append(list(texts))
        return super().score(texts)


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
    return Path(shutil.copytree(SHIPPED, tmp_path / "model"))


@pytest.mark.parametrize("name", ["card.json", "tokenizer.json", "model.onnx"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\x00garbage\n" * 1_000])
def test_an_unusable_file_is_named_in_one_line(
    folder: Path, name: str, content: bytes | None
) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(ModelError) as caught:
        OnnxScorer(folder, threads=1)
    message = str(caught.value)
    assert str(folder / name) in message
    assert "\n" not in message


def test_a_cut_off_model_is_named(folder: Path) -> None:
    file = folder / "model.onnx"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ModelError, match=r"model\.onnx"):
        OnnxScorer(folder, threads=1)


def test_a_card_for_other_labels_is_refused(folder: Path) -> None:
    card = (folder / "card.json").read_text(encoding="utf-8")
    swapped = card.replace('"neutral"', '"x"', 1).replace('"positive"', '"neutral"', 1)
    (folder / "card.json").write_text(swapped.replace('"x"', '"positive"', 1), encoding="utf-8")
    with pytest.raises(ModelError, match="labels"):
        OnnxScorer(folder, threads=1)


def test_the_shipped_model_loads_with_a_memory() -> None:
    scorer = load_scorer(SHIPPED, threads=1)
    [result] = scorer.score(["Absolutely love the new phone, brilliant camera!"])
    assert result.label == "positive"
    assert result.model == scorer.version


def test_the_shipped_folder_is_small_and_complete() -> None:
    files = {file.name: file.stat().st_size for file in SHIPPED.iterdir()}
    assert set(files) == {"model.onnx", "tokenizer.json", "card.json", "README.md"}
    assert files["model.onnx"] <= 25e6
    assert sum(files.values()) <= 30e6
