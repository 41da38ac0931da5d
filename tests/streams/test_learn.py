"""From a label that somebody gave to a model that answers with it, and back."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infra.corrections import Correction, id_of_text, write_corrections
from infra.model_events import model_event, read_model_events, write_model_events
from infra.model_registry import Registry
from infra.settings import Settings
from infra.store import Store
from processors.model_card import LABELS, REPLAY_FILE
from processors.model_folder import read_card
from processors.models import ENGLISH
from processors.replay import Labelled, make_replay, write_replay
from processors.score import ModelError
from processors.score_onnx import OnnxScorer
from streams.failures import UsageError
from streams.learn import learn, rollback, seconds_of, told_events
from streams.swap import live_english

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBJECTS = ("the crew", "my seat", "this app", "their food", "the queue", "a refund", "wifi", "it")
SAYS = {
    0: ("{} was awful, never again", "I hate how {} lets me down", "{} is the worst, so angry"),
    1: ("{} is open from nine to five", "I will ask about {} tomorrow", "they said {} is new"),
    2: ("{} was wonderful, thank you", "I love {} so much", "{} is the best, so happy"),
}


def sentences(days: range) -> list[Labelled]:
    return [
        Labelled(f"{say.format(subject)} day {day}", label, "en")
        for label, says in SAYS.items()
        for say in says
        for subject in SUBJECTS
        for day in days
    ]


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped model with something it must not forget."""
    folder = Path(shutil.copytree(ENGLISH, tmp_path_factory.mktemp("models") / "parent"))
    scorer = OnnxScorer(folder, threads=2)
    write_replay(make_replay(scorer, sentences(range(4)), sentences(range(4, 8))), folder)
    return folder


class Closes:
    """The database of the session behind a handle that may be closed."""

    def __init__(self, store: Store) -> None:
        self.query = store.query
        self.insert = store.insert
        self.command = store.command

    def close(self) -> None:
        """Nothing: others go on."""


Learn = Callable[..., str]


@pytest.fixture
def learns(store: Store, parent: Path, tmp_path: Path) -> Learn:
    def once(*, dry_run: bool = False, **changed: Any) -> str:
        settings = Settings(data=tmp_path / "data", **changed)
        return learn(
            settings, lambda: Closes(store), now=lambda: NOON, dry_run=dry_run, parent=parent
        )

    return once


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "data")


def slang(count: int) -> list[str]:
    """What the model takes for the opposite of what is meant."""
    return [
        f"{SUBJECTS[n % len(SUBJECTS)]} was sick, that hit like a disease {n}" for n in range(count)
    ]


def say(store: Store, texts: list[str], label: Any, language: str = "en") -> None:
    write_corrections(
        store,
        [
            Correction(post_id=id_of_text(text), label=label, at=NOON, text=text, language=language)
            for text in texts
        ],
    )


def test_what_is_learnt_goes_live_and_is_rolled_back(
    store: Store, learns: Learn, registry: Registry, tmp_path: Path, parent: Path
) -> None:
    say(store, slang(40), "positive")
    preview = learns(dry_run=True)
    assert "would be activated" in preview
    assert registry.active() is None
    assert read_model_events(store) == []

    told = learns()
    live = registry.active()
    assert live is not None
    assert told.startswith(f"{live.name} activated: of 40 corrections it mends")
    card = read_card(live)
    assert (card.parent, card.date) == (read_card(ENGLISH).version, "2026-03-01")
    assert live_english(registry) == live
    fresh = "my dentist was sick, that hit like a disease"
    before, after = (OnnxScorer(one, threads=1).score([fresh])[0] for one in (parent, live))
    assert after.p_positive > before.p_positive
    assert "no new corrections" in learns()

    settings = Settings(data=tmp_path / "data")
    back = rollback(settings, lambda: Closes(store), now=NOON + timedelta(hours=1))
    assert back == f"{live.name} rolled back; live is the shipped model"
    assert registry.active() is None
    assert "was rolled back; no new corrections since" in learns()
    say(store, ["one more of them, that hit like a disease"], "positive")
    assert learns() == "corrections since the last model: 1; for another 20 are needed"
    assert registry.active() is None
    assert [event.kind for event in read_model_events(store)] == ["rolled_back", "activated"]
    shown = told_events(lambda: Closes(store), as_json=False).splitlines()
    assert shown[0] == f"2026-03-01 13:00  rolled_back  {live.name}  live is the shipped model"
    assert shown[1].startswith(f"2026-03-01 12:00  activated    {live.name}  of 40 corrections")
    newest = json.loads(told_events(lambda: Closes(store), as_json=True))[0]
    assert (newest["kind"], newest["detail"]) == ("rolled_back", {"to": "the shipped model"})
    with pytest.raises(ModelError, match="nothing to roll back"):
        rollback(settings, lambda: Closes(store), now=NOON)


def test_drift_is_shown_in_a_line(store: Store) -> None:
    nothing = told_events(lambda: Closes(store), as_json=False)
    assert nothing == "nothing has happened to models"
    detail = {"signal": "oov", "before": 0.1, "after": 0.25}
    write_model_events(store, [model_event("drift", "m-1", NOON, detail)])
    shown = told_events(lambda: Closes(store), as_json=False)
    assert shown == "2026-03-01 12:00  drift        m-1  oov 0.100 -> 0.250"


def test_what_teaches_nothing_is_refused_once(
    store: Store, learns: Learn, registry: Registry
) -> None:
    rng = np.random.default_rng(1)
    for text in (one.text for one in sentences(range(20, 21))):
        say(store, [text], LABELS[rng.integers(3)])
    assert " refused: " in learns()
    assert registry.active() is None
    assert not registry.folder.exists()
    (event,) = read_model_events(store)
    assert (event.kind, event.at) == ("refused", NOON)
    assert "was refused; no new corrections since" in learns()


def test_few_corrections_or_of_other_languages_are_not_learnt(store: Store, learns: Learn) -> None:
    say(store, slang(19), "positive")
    say(store, ["sehr gut", "sehr schön"], "positive", language="de")
    assert learns() == "corrections of English texts: 19; to learn from them 20 are needed"


def test_a_model_of_your_own_is_left_as_it_is(learns: Learn) -> None:
    with pytest.raises(UsageError, match="auto or english"):
        learns(model="hf:someone/something")


def test_without_a_replay_it_says_so(store: Store, parent: Path, tmp_path: Path) -> None:
    alone = Path(shutil.copytree(parent, tmp_path / "alone"))
    (alone / REPLAY_FILE).unlink()
    say(store, slang(20), "positive")
    settings = Settings(data=tmp_path / "data")
    with pytest.raises(ModelError, match=r"replay\.npz: no such file"):
        learn(settings, lambda: Closes(store), now=lambda: NOON, dry_run=False, parent=alone)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1_800), ("1h", 3_600), ("2d", 172_800)]
)
def test_times(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["1", "h", "0s", "1.5h", "-1h", "1w", "1h "])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="--every"):
        seconds_of(text)
