"""The card for people holds what the card holds."""

import msgspec

from processors.model_card import (
    ANY,
    LABELS,
    Calibration,
    Card,
    Exit,
    FailureRate,
    Quality,
    Shift,
)
from processors.train.publish_text import readme

QUALITY = Quality(
    posts=324,
    macro_recall=0.7123,
    accuracy=0.69,
    macro_f1=0.701,
    ece=0.041,
    confusion=((90, 10, 8), (20, 70, 18), (5, 12, 91)),
    abstained=0.025,
    ece_floor=0.0548,
    ece_chance=(0.0308, 0.0823),
)


def card(*, exits: int = 2, robustness: bool = True) -> Card:
    calibration = {ANY: Calibration(temperature=1.25), "de": Calibration(temperature=0.875)}
    early = [
        Exit(file=f"exit-{n}.onnx", calibration={ANY: Calibration(temperature=9.0)})
        for n in range(exits - 1)
    ]
    return Card(
        name="A model",
        version="a-1",
        date="2025-03-01",
        labels=LABELS,
        exits=(
            *(Exit(file=one.file, calibration=one.calibration, answers_from=0.9) for one in early),
            Exit(file="last.onnx", calibration=calibration),
        ),
        max_tokens=128,
        languages=("de", "en"),
        abstain_below=0.41,
        data="Some tweets.",
        licence="Apache-2.0.",
        limits="It errs.",
        by_language={"de": QUALITY, "en": QUALITY},
        robustness={"negation": FailureRate(cases=40, failed=0.125)} if robustness else {},
        bias={"age: old": Shift(cases=9, mean=0.061), "age: young": Shift(cases=9, mean=-0.02)}
        if robustness
        else {},
    )


def test_the_card_s_words_and_figures_are_there() -> None:
    text = readme(card())
    assert text.startswith("# A model\n\nVersion `a-1`, 2025-03-01.\n")
    for part in ("Some tweets.", "Apache-2.0.", "It errs."):
        assert part in text
    rows = [line for line in text.splitlines() if line.startswith(("| de", "| en"))]
    numbers = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert numbers == [
        ["de", "324", "71.2", "70.1", "69.0", "4.1", "5.5 (3.1 to 8.2)", "2.5", "0.875"],
        [
            "en",
            "324",
            "71.2",
            "70.1",
            "69.0",
            "4.1",
            "5.5 (3.1 to 8.2)",
            "2.5",
            "1.25",
        ],  # that of any language
    ]
    assert text.count("90 10 8 / 20 70 18 / 5 12 91") == 2


def test_the_seeds_of_its_runs_are_told() -> None:
    several = readme(msgspec.structs.replace(card(), seeds=(0, 1, 4)))
    assert "Version `a-1`, 2025-03-01, the mean of runs with seeds 0, 1, 4.\n" in several
    one = readme(msgspec.structs.replace(card(), seeds=(7,)))
    assert "Version `a-1`, 2025-03-01, seed 7.\n" in one


def test_where_it_answers_early_and_where_not() -> None:
    several = " ".join(readme(card(exits=3)).split())
    assert "early exit answers where its probability is at least 0.90, 0.90" in several
    one = " ".join(readme(card(exits=1)).split())
    assert "early exit answers" not in one
    for text in (several, one):
        assert "elow 0.41 the model abstains" in text


def test_checks_and_groups_beyond_the_target() -> None:
    lines = readme(card()).splitlines()
    assert [line.split() for line in lines if "negation" in line] == [
        ["negation", "12.5", "of", "40"]
    ]
    assert [line.split() for line in lines if "age: " in line] == [
        ["age:", "old", "+0.061", "*"],
        ["age:", "young", "-0.020"],
    ]
    bare = readme(card(robustness=False))
    assert "Robustness" not in bare
    assert "Bias" not in bare


def test_a_table_is_whole() -> None:
    lines = [line for line in readme(card()).splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1
    assert len(lines) == 4
