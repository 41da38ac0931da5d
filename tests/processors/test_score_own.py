"""Scorers of somebody else's, found by import."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from processors.models import open_model
from processors.score import ModelError, load_scorer

MODULE = """
from processors.records import Sentiment
from processors.score_constant import ConstantScorer

class Own(ConstantScorer):
    def __init__(self, threads):
        self.version = f"own-{threads}"

class Wrong(Own):
    def score(self, texts, *, languages=None):
        return [Sentiment("neutral", float("nan"), 1.0, 0.0, "own")] * len(texts)

class Short(Own):
    def score(self, texts, *, languages=None):
        return []

class Failing(Own):
    def score(self, texts, *, languages=None):
        raise RuntimeError("no\\nmodel")

def refuses(threads):
    raise RuntimeError("no weights")

number = lambda threads: 7
text = "no function"
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module `own_scorers` that can be imported."""
    (tmp_path / "own_scorers.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("own_scorers", None)


def test_it_scores() -> None:
    scorer = load_scorer("py:own_scorers:Own", threads=3)
    assert scorer.version == "own-3"
    assert [answer.label for answer in scorer.score(["good", "bad"])] == ["positive", "negative"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing", "write py:MODULE:FUNCTION"),
        (":f", "write py:MODULE:FUNCTION"),
        ("not_there:f", "cannot be imported: ModuleNotFoundError: No module named 'not_there'"),
        ("own_scorers:f", "cannot be imported: AttributeError"),
        ("own_scorers:text", "text(2) failed: TypeError"),
        ("own_scorers:refuses", "refuses(2) failed: RuntimeError: no weights"),
        ("own_scorers:number", "made a int, no scorer with a version"),
        ("own_scorers:Wrong", "answers wrongly: neutral (nan, 1.0, 0.0), oov 0.0: no sentiment"),
        ("own_scorers:Short", "answers wrongly: 0 answers to 1 texts"),
        ("own_scorers:Failing", "cannot score: RuntimeError: no model"),
    ],
)
def test_what_is_none_is_told_in_one_line(name: str, said: str) -> None:
    with pytest.raises(ModelError) as caught:
        open_model(f"py:{name}", threads=2)
    assert str(caught.value).startswith(f"py:{name}: {said}")
    assert "\n" not in str(caught.value)
