"""The command line of the recipes, and the mean of runs."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.train


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Recipes run torch on one thread: put it back."""
    import torch

    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def called(*arguments: str) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """What a recipe does with a command line."""
    from processors.train.recipe_command import recipe

    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def note(name: str) -> Any:
        def step(*given: Any, **named: Any) -> None:
            calls.append((name, given, named))

        return step

    recipe(
        "recipe", soften=note("soft"), run=note("run"), finish=note("publish"), arguments=arguments
    )
    (found,) = calls
    return found


@pytest.mark.parametrize(
    "line",
    [
        "soft --data d --out s.npz one two",
        "soft one two --data d --out s.npz",
        "soft --data d one two --out s.npz",
        "--data d --out s.npz soft one two",
    ],
)
def test_teachers_may_be_named_anywhere(line: str) -> None:
    name, given, named = called(*line.split())
    assert (name, named) == ("soft", {})
    assert given == (Path("d"), [Path("one"), Path("two")], Path("s.npz"))


def test_a_run_is_handed_seed_and_answers() -> None:
    line = "run --data d --base b --soft s.npz --seed 4 --out o"
    given = (Path("d"), Path("b"))
    named = {"soft": Path("s.npz"), "seed": 4, "out": Path("o")}
    assert called(*line.split()) == ("run", given, named)


@pytest.mark.parametrize(
    "line",
    [
        "publish --data d --base b --out o --date 2025-03-01 r1 r0",
        "publish r1 r0 --data d --base b --out o --date 2025-03-01",
    ],
)
def test_runs_are_published_in_their_order(line: str) -> None:
    name, given, named = called(*line.split())
    assert name == "publish"
    assert given == (Path("d"), Path("b"), [Path("r1"), Path("r0")])
    assert named == {"out": Path("o"), "today": date(2025, 3, 1)}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("soft --data d --out s.npz", "soft: name a folder"),
        ("publish --data d --base b --out o", "publish: name a folder"),
        ("run --out o", "--data"),
        ("run --data d", "--out"),
        ("else --data d --out o", "else"),
    ],
)
def test_what_is_missing_is_told(line: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        called(*line.split())
    assert told in capsys.readouterr().err


def test_runs_are_averaged_and_come_back_from_their_folders(tmp_path: Path) -> None:
    import torch
    from torch import nn

    from processors.train.recipe_command import average, save

    runs = []
    for number, values in enumerate(([1.0, 2.0], [3.0, 2.0], [8.0, -1.0])):
        model = nn.Linear(2, 1)
        model.load_state_dict({"weight": torch.tensor([values]), "bias": torch.tensor([0.5])})
        runs.append(tmp_path / str(number))
        runs[-1].mkdir()
        save(model, runs[-1])
    found = average(runs)
    assert {name: weight.tolist() for name, weight in found.items()} == {
        "weight": [[4.0, 1.0]],
        "bias": [0.5],
    }
    assert {weight.dtype for weight in found.values()} == {torch.float32}
    assert average(runs[1:2])["weight"].tolist() == [[3.0, 2.0]]


def test_what_is_the_base_s_own_is_not_saved(tmp_path: Path) -> None:
    from torch import nn

    from processors.train.recipe_command import average, save

    save(nn.Linear(2, 1), tmp_path, without=("bias",))
    assert set(average([tmp_path])) == {"weight"}


def test_progress_is_told_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    from processors.train.loop import Progress
    from processors.train.recipe_command import say

    for step in range(1, 121):
        say(Progress(step=step, steps=120, posts=step, loss=0.5))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == ["step 50/120", "step 100/120", "step 120/120"]
