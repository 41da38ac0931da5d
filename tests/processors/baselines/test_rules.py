"""The lexicons keep the contract of a scorer and see plain opinions."""

import pickle
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.baselines import NAMES, chinese
from processors.baselines.tone import by_tone
from processors.model_card import LABELS
from processors.models import open_model
from processors.records import Sentiment
from processors.score import ModelError

SCORERS = {name: open_model(name, threads=1) for name in NAMES}
ENGLISH = {"I love it!": "positive", "the worst day": "negative", "It is Monday": "neutral"}
CHINESE = {
    "\u8fd9\u4e2a\u9152\u5e97\u975e\u5e38\u8212\u9002": "positive",  # very comfortable
    "\u670d\u52a1\u592a\u7cdf\u7cd5": "negative",  # terrible
    "\u4e0d\u6f02\u4eae": "negative",  # not pretty
    "\u4eca\u5929\u661f\u671f\u4e00": "neutral",  # today is Monday
}


def check(result: Sentiment) -> None:
    shares = [result.p_negative, result.p_neutral, result.p_positive]
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert shares[LABELS.index(result.label)] == max(shares)


@pytest.mark.parametrize(("name", "opinions"), [("vader", ENGLISH), ("zh-lexicon", CHINESE)])
def test_plain_opinions_are_seen(name: str, opinions: dict[str, str]) -> None:
    results = SCORERS[name].score(list(opinions))
    assert [result.label for result in results] == list(opinions.values())


@pytest.mark.parametrize(("name", "code"), [("vader", "en"), ("zh-lexicon", "zh")])
def test_other_languages_are_answered_and_abstained(name: str, code: str) -> None:
    results = SCORERS[name].score(["the same"] * 3, languages=[code, "und", "xx"])
    assert [result.abstained for result in results] == [False, False, True]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_to_read_is_neutral_and_abstained(name: str) -> None:
    for result in SCORERS[name].score(["", " \u200f", "https://t.co/abc", "\ud800"]):
        assert (result.label, result.p_neutral, result.abstained) == ("neutral", 1.0, True)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=()), max_size=60), max_size=4))
def test_every_text_has_an_answer_of_its_own(texts: list[str]) -> None:
    for scorer in SCORERS.values():
        results = scorer.score(texts)
        for text, result in zip(texts, results, strict=True):
            check(result)
            assert scorer.score([text]) == [result]


@given(tone=st.floats(-1, 1))
def test_the_label_is_what_the_threshold_says(tone: float) -> None:
    result = by_tone(tone, threshold=0.05, model="m", language="en", reads="en")
    wanted = "neutral" if abs(tone) < 0.05 else "positive" if tone > 0 else "negative"
    assert result.label == wanted
    check(result)


def test_degrees_weigh() -> None:
    lexicon = chinese.ChineseLexicon()
    word = "\u6f02\u4eae"  # pretty
    plain, very, slightly, not_at_all, apart = (
        lexicon.score([prefix + word])[0].p_positive
        for prefix in ("", "\u975e\u5e38", "\u7565\u5fae", "\u4e0d", "\u4e0d\uff0c")
    )
    assert not_at_all < slightly < plain < very
    assert apart == plain


@pytest.mark.parametrize(("name", "module"), [("vader", "vaderSentiment"), ("zh-lexicon", "")])
def test_what_is_missing_is_said(name: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if module:
        monkeypatch.setitem(sys.modules, f"{module}.vaderSentiment", None)
        monkeypatch.setitem(sys.modules, module, None)
    else:
        monkeypatch.setattr(chinese, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match=r"pip install groundswell\[baselines\]"):
        open_model(name, threads=1)


def test_a_list_of_words_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(print))
    with pytest.raises(ModelError, match=r"evil\.pkl: .*builtins\.print"):
        chinese._words(tmp_path, "evil")
