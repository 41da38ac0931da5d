"""The measures, on cases worked out by hand, and the shipped model's own numbers."""

from pathlib import Path

import msgspec
import pytest

from processors.evaluate import SHIPPED, main, quality
from processors.model_card import CARD_FILE, Card, Quality
from processors.records import Label, Sentiment

DATA = Path(__file__).parents[3] / "shared" / "data" / "tweeteval"


def _said(label: Label, sure: float = 1.0) -> Sentiment:
    rest = (1 - sure) / 2
    shares = [sure if name == label else rest for name in ("negative", "neutral", "positive")]
    return Sentiment(label, shares[0], shares[1], shares[2], "test")


def test_all_right() -> None:
    labels: list[Label] = ["negative", "neutral", "positive"]
    found = quality(labels, [_said(label) for label in labels])
    assert (found.macro_recall, found.accuracy, found.macro_f1, found.ece) == (1, 1, 1, 0)


def test_recall_weighs_classes_alike_and_accuracy_posts() -> None:
    labels: list[Label] = ["neutral"] * 8 + ["negative", "positive"]
    found = quality(labels, [_said("neutral")] * 10)
    assert found.accuracy == pytest.approx(0.8)
    assert found.macro_recall == pytest.approx(1 / 3)
    assert found.macro_f1 == pytest.approx((2 * 8 / 18) / 3)
    assert found.confusion == ((0, 1, 0), (0, 8, 0), (0, 1, 0))


def test_a_class_without_labels_does_not_count() -> None:
    found = quality(["negative", "positive"], [_said("negative"), _said("positive")])
    assert (found.macro_recall, found.macro_f1) == (1, 1)


@pytest.mark.parametrize(
    ("sure", "right", "ece"),
    [
        (0.8, 8, 0.0),  # says 80 %, is right 80 % of the time
        (0.95, 5, 0.45),  # over-confident
        (0.5, 9, 0.4),  # under-confident
    ],
)
def test_calibration_error(sure: float, right: int, ece: float) -> None:
    labels: list[Label] = ["negative"] * right + ["positive"] * (10 - right)
    assert quality(labels, [_said("negative", sure)] * 10).ece == pytest.approx(ece)


def test_needs_one_result_a_label_and_at_least_one() -> None:
    with pytest.raises(ValueError, match="nothing"):
        quality([], [])
    with pytest.raises(ValueError, match="zip"):
        quality(["neutral"], [])


def test_missing_data_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.skipif(not DATA.exists(), reason="the TweetEval tweets are not beside the checkout")
def test_the_card_tells_the_truth(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(DATA), "--json"]) == 0
    found = msgspec.json.decode(capsys.readouterr().out, type=Quality)
    card = msgspec.json.decode((SHIPPED / CARD_FILE).read_bytes(), type=Card)
    assert card.validation is not None
    # Another CPU rounds differently.
    assert found.macro_recall == pytest.approx(card.validation.macro_recall, abs=0.01)
    assert found.ece == pytest.approx(card.validation.ece, abs=0.02)
    assert found.macro_recall > 0.70
