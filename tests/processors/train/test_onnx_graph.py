"""The graph that is run: the same numbers in one piece or several, in 8 bits or 32."""

from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from processors.train.onnx_graph import Array, Weights, part_graph, seven_bits

IDS = np.array([[2, 900, 17, 25_000, 64, 3]])


def run(
    weights: Weights, layers: Sequence[int], given: np.ndarray, *, last: bool, eight_bits: bool
) -> list[np.ndarray]:
    graph = part_graph(weights, layers, last=last, max_tokens=128, eight_bits=eight_bits)
    onnx.checker.check_model(graph)
    session = ort.InferenceSession(
        graph.SerializeToString(),
        providers=["CPUExecutionProvider"],
        disabled_optimizers=["SkipLayerNormFusion"],
    )
    (wanted,) = session.get_inputs()
    return list(session.run(None, {wanted.name: given}))


@pytest.mark.parametrize("eight_bits", [True, False])
def test_parts_one_after_the_other_are_the_whole(
    tiny_weights: dict[str, Array], eight_bits: bool
) -> None:
    (whole,) = run(tiny_weights, range(3), IDS, last=True, eight_bits=eight_bits)
    features, hidden = run(tiny_weights, [0], IDS, last=False, eight_bits=eight_bits)
    assert features.shape == (1, 64)
    assert hidden.shape == (1, IDS.shape[1], 64)
    (parted,) = run(tiny_weights, [1, 2], hidden, last=True, eight_bits=eight_bits)
    assert (parted == whole).all()


def test_eight_bits_say_nearly_the_same(tiny_weights: dict[str, Array]) -> None:
    (exact,) = run(tiny_weights, range(3), IDS, last=True, eight_bits=False)
    (rounded,) = run(tiny_weights, range(3), IDS, last=True, eight_bits=True)
    assert np.corrcoef(exact[0], rounded[0])[0, 1] > 0.99


def words_read(weights: Weights, ids: np.ndarray) -> tuple[np.ndarray, str]:
    """The words' numbers (1, tokens, width) inside the 8-bit graph, and how its table is kept."""
    graph = part_graph(weights, [0], last=True, max_tokens=128, eight_bits=True)
    shape = [1, "tokens", weights["words.weight"].shape[1]]
    inside = onnx.helper.make_tensor_value_info("word", onnx.TensorProto.FLOAT, shape)
    graph.graph.output.append(inside)
    session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    _features, found = session.run(None, {"ids": ids})
    (table,) = (one for one in graph.graph.initializer if one.name == "words")
    return found, onnx.TensorProto.DataType.Name(table.data_type)


def of_four_bits(pieces: int, width: int) -> Array:
    rng = np.random.default_rng(3)
    numbers = rng.integers(-8, 8, (pieces, width // 32, 32))
    numbers[..., 5] = -8
    scales = rng.normal(0, 0.05, (pieces, width // 32, 1)).astype(np.float16)
    scales[7] = 0
    return (numbers * scales.astype(np.float32)).astype(np.float32).reshape(pieces, width)


@pytest.mark.parametrize("tokens", [1, 2, 40])
def test_packed_words_are_the_words_of_the_table(
    tiny_weights: dict[str, Array], tokens: int
) -> None:
    table = of_four_bits(60, 64)
    ids = np.random.default_rng(tokens).integers(0, 60, (1, tokens))
    ids[0, 0] = 7
    found, kept = words_read({**tiny_weights, "words.weight": table}, ids)
    assert kept == "UINT8"
    np.testing.assert_array_equal(found, table[ids])


def test_a_graph_of_packed_words_says_nearly_what_one_of_floats_does(
    tiny_weights: dict[str, Array],
) -> None:
    weights = {**tiny_weights, "words.weight": of_four_bits(60, 64)}
    ids = np.arange(20)[None]
    (packed,) = run(weights, range(3), ids, last=True, eight_bits=True)
    (floats,) = run(weights, range(3), ids, last=True, eight_bits=False)
    assert np.corrcoef(packed[0], floats[0])[0, 1] > 0.99


def test_other_words_are_kept_in_eight_bits(tiny_weights: dict[str, Array]) -> None:
    found, kept = words_read(tiny_weights, IDS)
    assert kept == "INT8"
    wanted = tiny_weights["words.weight"][IDS]
    step = np.abs(wanted).max(-1, keepdims=True) / 127
    assert (np.abs(found - wanted) <= 0.501 * step).all()


def with_outliers(weights: dict[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
    """The network with some inner numbers 30 times the others, as trained ones have them; and
    what evens them out."""
    found, smooth = dict(weights), {}
    for layer in range(3):
        name = f"layers.{layer}."
        by = np.ones(len(weights[name + "widen.bias"]), np.float32)
        by[::12] = 30
        for part in ("widen.weight", "widen.bias"):
            found[name + part] = (weights[name + part].T * by).T
        found[name + "narrow.weight"] = weights[name + "narrow.weight"] / by
        smooth[name + "narrow.smooth"] = by
    return found, smooth


def test_smoothing_loses_less_of_eight_bits_where_inputs_have_outliers(
    tiny_weights: dict[str, Array],
) -> None:
    weights, smooth = with_outliers(tiny_weights)
    rng = np.random.default_rng(0)
    errors = {"plain": 0.0, "smooth": 0.0}
    for _ in range(12):
        ids = rng.integers(0, len(weights["words.weight"]), (1, 20))
        (exact,) = run(weights, range(3), ids, last=True, eight_bits=False)
        for name, held in (("plain", weights), ("smooth", weights | smooth)):
            (found,) = run(held, range(3), ids, last=True, eight_bits=True)
            errors[name] += float(np.abs(found - exact).mean())
    assert errors["smooth"] < 0.8 * errors["plain"]


def test_thirty_two_bits_need_no_smoothing(tiny_weights: dict[str, Array]) -> None:
    weights, smooth = with_outliers(tiny_weights)
    (plain,) = run(weights, range(3), IDS, last=True, eight_bits=False)
    (smoothed,) = run(weights | smooth, range(3), IDS, last=True, eight_bits=False)
    np.testing.assert_array_equal(plain, smoothed)


@pytest.mark.parametrize("tokens", [1, 2, 127, 128])
def test_every_length_has_an_answer(tiny_weights: dict[str, Array], tokens: int) -> None:
    ids = np.arange(tokens)[None] + 5
    (found,) = run(tiny_weights, range(3), ids, last=True, eight_bits=True)
    assert np.isfinite(found).all()


@settings(max_examples=40, deadline=None)
@given(
    weight=hnp.arrays(
        np.float32, (7, 4), elements=st.floats(-1e3, 1e3, width=32, allow_subnormal=False)
    )
)
def test_seven_bits_are_within_half_a_step(weight: Array) -> None:
    bits, scale = seven_bits(weight)
    assert np.abs(bits.astype(int)).max() <= 64
    assert (scale > 0).all()
    assert (np.abs(bits * scale - weight) <= scale * 0.501).all()
