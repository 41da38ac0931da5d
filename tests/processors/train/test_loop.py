"""The loop: the same arguments give the same weights, whatever happens on the way."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from processors.score import ModelError

pytestmark = pytest.mark.train

WORDS = {"good": 2, "great": 2, "bad": 0, "awful": 0, "monday": 1, "flight": 1}


def samples() -> list[Any]:
    from processors.train.samples import Sample

    words = list(WORDS)
    return [
        Sample(f"{words[row % 6]}{' so' * (row % 5)}", WORDS[words[row % 6]]) for row in range(60)
    ]


def coder() -> Any:
    from processors.train.samples import Coder

    ids = {word: number for number, word in enumerate([*WORDS, "so"], start=1)}
    return Coder(lambda texts: [[ids[word] for word in text.split()] for text in texts])


def network() -> Any:
    """Small, with dropout: what is random must come back too."""
    import torch

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = torch.nn.Linear(8, 12)
            self.dropout = torch.nn.Dropout(0.3)
            self.heads = torch.nn.ModuleList(torch.nn.Linear(12, 3) for _ in range(2))

        def forward(self, ids: Any, mask: Any) -> list[Any]:
            hot = torch.nn.functional.one_hot(ids, 8).float()
            wide = self.dropout(torch.relu(self.words(hot)))
            pooled = (wide * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
            return [head(pooled) for head in self.heads]

    with torch.random.fork_rng([]):
        torch.manual_seed(1)
        return Net()


def recipe(**changed: Any) -> Any:
    from processors.train.recipe import Recipe

    return msgspec.structs.replace(
        Recipe(epochs=3, batch=4, rate=1e-2, head_rate=1e-2, average=0.9), **changed
    )


def run(**options: Any) -> Any:
    """Train a new network; returns it and how it ended."""
    from processors.train.loop import fit

    model = network()
    given = {"seed": 0, "recipe": recipe(), "rows": samples(), **options}
    ended = fit(model, given.pop("rows"), coder(), given.pop("recipe"), **given)
    return model, ended


def same(one: Any, other: Any) -> bool:
    import torch

    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(*pair) for pair in pairs)


def quality() -> Callable[[Any], float]:
    """A judge: the mean of one row of weights, which training moves about."""
    return lambda model: float(model.heads[1].weight[2].mean())


def test_it_learns() -> None:
    model, ended = run(recipe=recipe(epochs=10))
    from processors.train.judge import judge_of

    assert ended.steps == 150
    assert judge_of(samples(), coder())(model) == 1.0


def test_the_same_arguments_give_the_same_weights() -> None:
    (one, _), (other, _), (third, _) = run(), run(), run(seed=1)
    assert same(one, other)
    assert not same(one, third)


def test_what_is_random_elsewhere_is_left_alone() -> None:
    import torch

    before = torch.get_rng_state()
    run()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("stop", [1, 7, 15, 16, 44])
@pytest.mark.parametrize("judged", [False, True])
def test_a_run_that_was_interrupted_ends_in_the_same_weights(
    stop: int, judged: bool, tmp_path: Path
) -> None:
    judge = quality() if judged else None
    whole, ended = run(judge=judge)

    def interrupt(progress: Any) -> None:
        if progress.step == stop:
            raise KeyboardInterrupt

    state = tmp_path / "run.state"
    with pytest.raises(KeyboardInterrupt):
        run(judge=judge, state=state, progress=interrupt)
    steps: list[int] = []
    again, after = run(judge=judge, state=state, progress=lambda one: steps.append(one.step))
    assert steps[0] == stop + 1
    assert same(whole, again)
    assert after == ended


def test_ctrl_c_waits_for_the_end_of_a_step(tmp_path: Path) -> None:
    whole, _ = run()
    before = signal.getsignal(signal.SIGINT)
    state = tmp_path / "run.state"

    def interrupt(progress: Any) -> None:
        if progress.step == 9:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(state=state, progress=interrupt)
    assert signal.getsignal(signal.SIGINT) is before
    steps: list[int] = []
    again, _ = run(state=state, progress=lambda at: steps.append(at.step))
    assert steps[0] == 10
    assert same(whole, again)


def test_a_mean_of_few_steps_is_not_what_was_there_before() -> None:
    short = recipe(epochs=0.1, average_every=4)
    mean, ended = run(recipe=short)
    last, _ = run(recipe=msgspec.structs.replace(short, average=0.0))
    assert ended.steps == 2
    assert not same(mean, network())
    assert not same(mean, last)


def test_a_finished_run_is_not_run_again(tmp_path: Path) -> None:
    one, _ = run(state=tmp_path / "run.state")
    steps: list[int] = []
    other, _ = run(state=tmp_path / "run.state", progress=lambda at: steps.append(at.step))
    assert steps == []
    assert same(one, other)


def test_it_stops_when_it_gets_no_better_and_keeps_the_best() -> None:
    found = iter([0.5, 0.9, 0.8, 0.7, 1.0])
    kept: list[Any] = []

    def judge(model: Any) -> float:
        kept.append({name: one.clone() for name, one in model.state_dict().items()})
        return next(found)

    model, ended = run(recipe=recipe(epochs=5, patience=2), judge=judge)
    assert (ended.best, ended.steps) == (0.9, 4 * 15)
    assert all(bool((one == kept[1][name]).all()) for name, one in model.state_dict().items())


def test_a_judge_is_asked_as_often_as_the_recipe_says() -> None:
    asked: list[bool] = []

    def judge(model: Any) -> float:
        asked.append(model.training)
        return 0.0

    run(recipe=recipe(judge_every=0.5), judge=judge)
    assert asked == [False] * len(asked)
    assert len(asked) == 45 // 8 + 1


def test_the_state_of_another_run_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "run.state"
    run(state=state)
    for other in ({"seed": 1}, {"recipe": recipe(rate=0.1)}, {"rows": samples()[:-1]}):
        with pytest.raises(ModelError, match=r"run\.state: is of a run with other"):
            run(state=state, **other)


def test_the_state_of_another_model_is_refused(tmp_path: Path) -> None:
    import torch

    from processors.train.loop import fit

    state = tmp_path / "run.state"
    run(state=state)
    other = network()
    other.heads.append(torch.nn.Linear(12, 3))
    with pytest.raises(ModelError, match=r"run\.state: is of another model"):
        fit(other, samples(), coder(), recipe(), seed=0, state=state)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 100])
def test_a_damaged_state_is_named(content: bytes, tmp_path: Path) -> None:
    state = tmp_path / "run.state"
    state.write_bytes(content)
    with pytest.raises(ModelError, match=r"run\.state: cannot go on") as caught:
        run(state=state)
    assert "\n" not in str(caught.value)


def test_nothing_to_train_on_is_said() -> None:
    with pytest.raises(ModelError, match="nothing to train on"):
        run(rows=[])


def test_frozen_embeddings_stay_and_class_weights_even_out() -> None:
    import torch

    from processors.train.objective import class_weights
    from processors.train.optimise import freeze_embeddings
    from processors.train.samples import Sample

    model = torch.nn.Sequential(torch.nn.Embedding(3, 2), torch.nn.Linear(2, 3))
    freeze_embeddings(model)
    assert [one.requires_grad for one in model.parameters()] == [False, True, True]
    rows = [Sample("a", 0)] * 6 + [Sample("b", 1)] * 3 + [Sample("c", 2)]
    weights = class_weights(rows, 1.0)
    counts = torch.tensor([6.0, 3.0, 1.0])
    assert torch.allclose(weights * counts, torch.full((3,), 10 / 3))
    assert torch.allclose(class_weights(rows, 0.0), torch.ones(3))
