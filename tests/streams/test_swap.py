"""Another model goes live while scores are given."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from infra.metrics import Meter
from infra.model_registry import ACTIVE_FILE, Registry
from processors.model_card import CARD_FILE, write_card
from processors.model_folder import read_card
from processors.models import ENGLISH, open_model
from processors.records import Sentiment
from processors.score import ModelError, load_scorer
from processors.score_onnx import OnnxScorer
from streams.swap import SwappingScorer, live_english

SHIPPED = read_card(ENGLISH).version


class Named:
    """A scorer that says nothing but who it is."""

    def __init__(self, version: str) -> None:
        self.version = version

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        return [Sentiment("neutral", 0.0, 1.0, 0.0, self.version) for _ in texts]


def opened(folder: Path | None) -> Named:
    if folder is None:
        return Named("shipped")
    if "broken" in folder.name:
        raise ModelError(f"{folder}: damaged")
    return Named(folder.name)


def kept(folder: Path) -> None:
    folder.mkdir()
    (folder / CARD_FILE).write_text("{}")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    found = Registry(tmp_path)
    for name in ("1", "2", "broken"):
        found.add(f"{SHIPPED}.c{name}", kept)
    return found


class Counting:
    """A scorer whose events are counted."""

    def __init__(self, registry: Registry) -> None:
        self._numbers = CollectorRegistry()
        self.scorer = SwappingScorer(registry, opened, Meter("score", self._numbers))

    def events(self, kind: str) -> float:
        return self._numbers.get_sample_value("score_events_total", {"kind": kind}) or 0

    def model(self) -> str:
        (result,) = self.scorer.score(["a"])
        return result.model


def test_the_next_batch_is_scored_by_what_went_live(registry: Registry) -> None:
    counting = Counting(registry)
    assert counting.model() == "shipped"
    registry.activate(f"{SHIPPED}.c1")
    assert counting.model() == f"{SHIPPED}.c1" == counting.scorer.version
    registry.activate(f"{SHIPPED}.c2")
    assert counting.model() == f"{SHIPPED}.c2"
    registry.rollback()
    registry.rollback()
    assert counting.model() == "shipped"
    assert counting.events("model_changed") == 3  # two at once are one
    assert counting.events("model_refused") == 0


def test_a_broken_one_is_refused_and_the_old_one_stays(registry: Registry) -> None:
    counting = Counting(registry)
    registry.activate(f"{SHIPPED}.c1")
    counting.model()
    registry.activate(f"{SHIPPED}.cbroken")
    assert [counting.model(), counting.model()] == [f"{SHIPPED}.c1"] * 2
    assert counting.events("model_refused") == 1
    (registry.folder / ACTIVE_FILE).write_text("{")
    assert counting.model() == f"{SHIPPED}.c1"
    assert counting.events("model_refused") == 2


def test_a_process_that_starts_with_a_broken_one_has_the_shipped_one(registry: Registry) -> None:
    registry.activate(f"{SHIPPED}.cbroken")
    counting = Counting(registry)
    assert counting.model() == "shipped"
    assert counting.events("model_refused") == 1


def test_corrections_of_an_older_shipped_model_are_set_aside(registry: Registry) -> None:
    registry.add("older-1.c1", kept)
    registry.activate("older-1.c1")
    assert live_english(registry) is None
    assert Counting(registry).model() == "shipped"


def test_names_mean_the_folder_that_is_handed_over(tmp_path: Path) -> None:
    mine = Path(shutil.copytree(ENGLISH, tmp_path / "mine"))
    card = read_card(ENGLISH)
    write_card(msgspec.structs.replace(card, version="mine-1"), mine)
    assert open_model("english", threads=1, english=mine).version == "mine-1"
    assert load_scorer("auto", threads=1, english=mine).version.startswith("mine-1")
    assert OnnxScorer(ENGLISH, threads=1).version == SHIPPED
