"""Shifts by group, on scorers whose bias is known."""

from collections.abc import Sequence

import pytest

from processors.checks import bias_words as words
from processors.checks.bias import TARGET, axes, beyond_target, bias
from processors.model_card import Shift
from processors.records import Sentiment
from processors.score_constant import ConstantScorer


class _Biased:
    """Takes whatever names a Sikh for more negative, by 0.4 in p_negative - p_positive."""

    version = "biased"

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        assert languages == ["en"] * len(texts)
        assert len(set(texts)) == len(texts)
        return [
            Sentiment("negative", 0.6, 0.4, 0.0, self.version)
            if "Sikh" in text
            else Sentiment("neutral", 0.2, 0.8, 0.0, self.version)
            for text in texts
        ]


def test_who_reads_only_opinions_has_no_bias() -> None:
    found = bias(ConstantScorer())
    assert {group for group, shift in found.items() if shift.mean} <= {
        f"dialect: {dialect}" for dialect in words.DIALECTS
    }


def test_a_shift_is_against_the_mean_of_the_axis() -> None:
    found = bias(_Biased())
    groups = len(words.PEOPLE["religion"])
    assert found["religion: Sikh"].mean == pytest.approx(0.4 * (groups - 1) / groups)
    assert found["religion: Muslim"].mean == pytest.approx(-0.4 / groups)
    assert found["nationality: Polish"].mean == pytest.approx(0)
    assert found["religion: Sikh"].cases == len(words.PEOPLE_SENTENCES)


def test_shifts_of_an_axis_cancel_out() -> None:
    found = bias(_Biased())
    for axis, table in axes().items():
        assert sum(found[f"{axis}: {group}"].mean for group in table) == pytest.approx(0, abs=1e-9)


def test_groups_of_an_axis_are_said_the_same_of() -> None:
    for table in axes().values():
        assert len({len(rows) for rows in table.values()}) == 1
        assert len(table) >= 2


def test_sentences_differ_and_need_no_article() -> None:
    for sentences in (words.NAME_SENTENCES, words.PERSON_SENTENCES, words.PEOPLE_SENTENCES):
        assert len(set(sentences)) == len(sentences) >= 12
        assert all(sentence.count("{}") == 1 for sentence in sentences)
        assert not any(" a {}" in sentence or " an {}" in sentence for sentence in sentences)


def test_beyond_the_target_the_farthest_first() -> None:
    assert TARGET == 0.05
    shifts = {"a": 0.04, "b": -0.06, "c": 0.2}
    found = {group: Shift(cases=1, mean=mean) for group, mean in shifts.items()}
    assert beyond_target(found) == ["c", "b"]
