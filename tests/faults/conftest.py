"""A line of posts with known truth; a failure says how to have it again."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.faults.disk import mortal
from tests.faults.posts import make_posts
from tests.faults.replay_line import ReplayLine
from tests.faults.stage_line import EmbeddedServers, StageLine

ASKED = os.environ.get("GROUNDSWELL_FAULT_SEED")


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder with a short path: below it there are unix sockets."""
    with TemporaryDirectory(prefix="gs-") as folder:
        yield Path(folder)


@pytest.fixture
def replay(short_folder: Path) -> Iterator[Callable[..., ReplayLine]]:
    """Start a replay of seeded posts; it is stopped at the end of the test."""
    lines: list[ReplayLine] = []

    def start(*, seed: int = 0, seconds: float = 15.0, **more: Any) -> ReplayLine:
        more.setdefault("within", mortal())
        posts = more.pop("posts", None) or make_posts(seed, 2_000)
        lines.append(ReplayLine(short_folder, posts, seconds=seconds, **more))
        lines[-1].start()
        return lines[-1]

    yield start
    for line in lines:
        line.stop()


@pytest.fixture
def servers(short_folder: Path) -> Iterator[EmbeddedServers]:
    """A broker and the place of a database, with doubles in front of both."""
    some = EmbeddedServers(short_folder)
    yield some
    some.close()


@pytest.fixture
def stages(short_folder: Path, servers: EmbeddedServers) -> Iterator[Callable[..., StageLine]]:
    """Start stages on `servers` and feed them with seeded posts; all end with the test."""
    lines: list[StageLine] = []

    def start(*, seed: int, seconds: float = 15.0, **more: Any) -> StageLine:
        posts = more.pop("posts", None) or make_posts(seed, 1_500, lying=True)
        lines.append(StageLine(short_folder, servers, posts, seed=seed, seconds=seconds, **more))
        lines[-1].start()
        return lines[-1]

    yield start
    for line in lines:
        line.stop()


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Say beside a failure the one command that does the same again."""
    if call.excinfo is None or call.when != "call" or not isinstance(item, pytest.Function):
        return
    seed = _given(item).get("seed")
    if seed is not None:
        call.excinfo.value.add_note(
            f"seed {seed}; again: GROUNDSWELL_FAULT_SEED={seed} .venv/bin/python -m pytest "
            f"{item.nodeid.partition('[')[0]} -m faults"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with a `seed` gets those in QUICK and MORE of its module, or the one asked for."""
    if "seed" not in metafunc.fixturenames or metafunc.cls is not None:
        return
    quick = getattr(metafunc.module, "QUICK", ())
    more = getattr(metafunc.module, "MORE", ())
    seeds: list[Any] = [*quick, *(pytest.param(seed, marks=pytest.mark.faults) for seed in more)]
    metafunc.parametrize(
        "seed", [pytest.param(int(ASKED), marks=pytest.mark.faults)] if ASKED else seeds
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where a seed is asked for, nothing runs but what it makes."""
    if ASKED:
        items[:] = [
            item for item in items if isinstance(item, pytest.Function) and "seed" in _given(item)
        ]


def _given(test: pytest.Function) -> dict[str, Any]:
    return test.callspec.params if hasattr(test, "callspec") else {}
