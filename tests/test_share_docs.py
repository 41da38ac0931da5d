"""docs/share.md shows what was measured, and what was measured is what was asked for."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from benchmarks import share_methods as methods
from benchmarks.share_text import tables
from forecasting.recalibrate import DRIFT_SPREAD, SHIFT_SPREAD, SLOPE_SPREAD
from processors.models import ENGLISH

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    committed: dict[str, Any] = msgspec.json.decode((ROOT / "benchmarks/share.json").read_bytes())
    return committed


def test_the_page_shows_the_committed_figures(found: dict[str, Any]) -> None:
    page = (ROOT / "docs/share.md").read_text("utf-8")
    for table in tables(found):
        assert table in page


def test_the_figures_are_of_the_shipped_model_and_of_the_constants_in_use(
    found: dict[str, Any],
) -> None:
    card = msgspec.json.decode((ENGLISH / "card.json").read_bytes())
    assert found["model"] == card["version"]
    used = {name: one["used"] for name, one in found["allowance"].items()}
    assert used == {"shift": SHIFT_SPREAD, "slope": SLOPE_SPREAD, "drift": DRIFT_SPREAD}


@pytest.mark.parametrize("stream", ["validation", "airline"])
def test_what_was_to_be_reached_with_a_hundred_labels(found: dict[str, Any], stream: str) -> None:
    everything = found["reported"][stream]["ours"]["all"]
    assert 0.87 <= everything["covered"] <= 0.93
    assert all(one["error"] <= 0.03 for one in found["reported"][stream]["ours"].values())


def test_other_ways_are_what_their_papers_say() -> None:
    rng = np.random.default_rng(1)
    y = rng.random(4000) < 0.3
    p = np.where(y, rng.beta(6, 2, 4000), rng.beta(2, 6, 4000))
    called = p > 0.5
    at, strata = methods.drawn(p, 400, rng)
    simple = rng.choice(4000, 400, replace=False)
    for one in (
        methods.prediction_powered(p, strata, at, y),
        methods.wilson(simple, y),
        methods.lang_reiczigel(called, simple, y),
        methods.ours(p, y, at),
    ):
        assert one.lower < one.share < one.upper
        assert one.share == pytest.approx(y.mean(), abs=0.05)
    assert methods.probabilistic_adjusted(p, simple, y) == pytest.approx(y.mean(), abs=0.05)
