"""Texts that a scorer cannot survive: each is a dead letter, and nothing else is touched."""

from collections.abc import Callable

import pytest

from tests.faults.posts import curse, make_posts
from tests.faults.replay_line import ReplayLine
from tests.faults.violence import do, kill, uncertain

Replay = Callable[..., ReplayLine]


def poisoned(scorer: str, replay: Replay, *, seed: int, posts: int = 3) -> ReplayLine:
    return replay(
        posts=curse(make_posts(seed, 800), posts),
        seconds=8.0,
        patience=280.0,
        settings={
            "GROUNDSWELL_MODEL": f"py:tests.faults.scorers:{scorer}",
            "GROUNDSWELL_STALL_SECONDS": "8",
        },
    )


@pytest.mark.timeout(300)
def test_a_scorer_that_raises_on_some_texts(replay: Replay) -> None:
    poisoned("raises", replay, seed=41).check()


@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.parametrize("scorer", ["says_nan", "hangs", "dies"])
def test_a_scorer_that_fails_in_another_way(scorer: str, replay: Replay) -> None:
    poisoned(scorer, replay, seed=42, posts=2).check()


@pytest.mark.faults
@pytest.mark.timeout(300)
def test_a_scorer_that_raises_while_others_die(replay: Replay) -> None:
    line = poisoned("raises", replay, seed=43)
    for number, name in enumerate(("keep", "score", "broker")):
        do(f"kill {name}", lambda line, name=name: kill(name, line), line, once=150 * number)
    line.check(but=uncertain(line.told))


@pytest.mark.faults
@pytest.mark.timeout(300)
def test_a_worker_that_leaks_to_its_limit(replay: Replay) -> None:
    line = replay(
        posts=make_posts(44, 1_500),
        seconds=15.0,
        settings={
            "GROUNDSWELL_MODEL": "py:tests.faults.scorers:leaks",
            "GROUNDSWELL_MEMORY_LIMIT_MB": "900",
        },
    )
    line.check(but=uncertain(line.told))
    assert "starting again" in line.command.err
