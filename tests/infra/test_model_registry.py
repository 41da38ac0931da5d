"""Which model is live, through changes and crashes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.model_registry import ACTIVE_FILE, Registry
from processors.model_card import CARD_FILE
from processors.score import ModelError


def empty_model(folder: Path) -> None:
    folder.mkdir()
    (folder / CARD_FILE).write_text("{}")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    found = Registry(tmp_path / "data")
    for version in ("base.c1", "base.c2"):
        found.add(version, empty_model)
    return found


def test_the_shipped_model_is_live_where_nothing_was_learnt(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "data")
    assert registry.active() is None
    assert registry.stamp() is None
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ModelError, match="nothing to roll back"):
        registry.rollback()


def test_a_rollback_goes_back_one_at_a_time(registry: Registry) -> None:
    registry.activate("base.c1")
    registry.activate("base.c2")
    registry.activate("base.c2")  # twice is once
    assert registry.active() == registry.folder / "base.c2"
    assert registry.rollback() == ("base.c2", "base.c1")
    assert registry.active() == registry.folder / "base.c1"
    assert registry.rollback() == ("base.c1", "")
    assert registry.active() is None


@given(moves=st.lists(st.sampled_from(["base.c1", "base.c2", "back"]), max_size=12))
def test_it_is_a_stack(tmp_path_factory: pytest.TempPathFactory, moves: list[str]) -> None:
    registry = Registry(tmp_path_factory.mktemp("data"))
    for version in ("base.c1", "base.c2"):
        registry.add(version, empty_model)
    stack: list[str] = []
    for move in moves:
        before = registry.stamp()
        if move != "back":
            registry.activate(move)
            changed = not stack or stack[-1] != move
            stack += [move] * changed
        elif stack:
            registry.rollback()
            stack.pop()
            changed = True
        else:
            changed = False
        assert list(Registry(registry.folder.parent).history()) == stack
        assert (registry.stamp() != before) is changed


def test_what_is_no_model_does_not_go_live(registry: Registry) -> None:
    with pytest.raises(ModelError, match=r"base\.c3: no model folder"):
        registry.activate("base.c3")
    assert registry.active() is None


def test_a_model_of_another_shipped_one_is_set_aside(registry: Registry) -> None:
    registry.activate("base.c1")
    assert registry.active_from("base") == registry.folder / "base.c1"
    assert registry.active_from("base-2") is None


def test_half_a_model_is_none(registry: Registry) -> None:
    def dies(folder: Path) -> None:
        folder.mkdir()
        (folder / CARD_FILE).write_text("{}")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        registry.add("base.c3", dies)
    assert not (registry.folder / "base.c3").exists()
    assert (registry.add("base.c3", empty_model) / CARD_FILE).is_file()
    assert sorted(path.name for path in registry.folder.iterdir()) == [
        "base.c1",
        "base.c2",
        "base.c3",
    ]


def test_a_model_that_is_there_is_not_made_again(registry: Registry) -> None:
    def never(folder: Path) -> None:
        raise AssertionError(folder)

    assert registry.add("base.c1", never) == registry.folder / "base.c1"


def test_damage_is_named(registry: Registry) -> None:
    (registry.folder / ACTIVE_FILE).write_text("{")
    with pytest.raises(ModelError, match=ACTIVE_FILE):
        registry.active()
