"""The benchmark of a GPU runs on a CPU, on models so small that its figures mean nothing."""

import pytest

from benchmarks.gpu_models import SHAPES


def test_operations_are_those_of_the_formula() -> None:
    shape = SHAPES["xlm-r-base"]
    layer = 4 * 768**2 + 2 * 768 * 3_072
    head = 768**2 + 3 * 768
    one = 128 * (2 * 12 * layer + 4 * 12 * 768 * 128) + 2 * head
    assert shape.operations([128]) == one
    assert shape.operations([128] * 3) == 3 * one
    assert shape.operations([64, 64]) < one


@pytest.mark.train
def test_it_runs_and_says_so_of_each_model() -> None:
    from benchmarks.gpu import MIX, measure

    found = measure("cpu", quick=True, compiled=False)
    assert found["quick"] is True
    for name in SHAPES:
        figures = found[name]
        assert isinstance(figures, dict)
        for length in ("32", MIX):
            one = figures[length]
            assert one["posts_per_second"] > 0
            assert one["pipeline_batch"] == 8
            assert one["share_of_peak"] == "not known"
            assert set(one["host"]["posts_per_core_second"]) == {
                *("decode", "clean, look up", "tokenise, sort, pad", "answer", "encode", "all"),
            }
        assert figures["32"]["tokens"] == 32
