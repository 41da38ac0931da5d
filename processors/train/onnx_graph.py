"""The ONNX graph of some layers of the encoder, written node by node.

Not exported by torch: what an exporter writes is correct and half as fast. Three things count when
texts are run one at a time (measured with onnxruntime 1.32 on an AVX-512 VNNI core, 28 tokens):
queries, keys and values are multiplied where they lie instead of being laid out by head first; an
addition and a LayerNormalization stay two nodes, since the fused one is a plain loop and five times
as slow (`processors.model_folder` keeps onnxruntime from fusing them); and 8-bit matrices are
`DynamicQuantizeMatMul` with its bias inside.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from processors.train.four_bits import BLOCK, pack

HEAD: Final = 32  # numbers of an attention head, as in `processors.train.encoder`
_MICROSOFT: Final = "com.microsoft"  # onnxruntime's own operators: part of every build of it
_OPSET: Final = 20
_IR_VERSION: Final = 10
_EPSILON: Final = 1e-12
_SEVEN_BITS: Final = 64

Array = NDArray[np.float32]
Weights = Mapping[str, Array]
"""As `processors.train.encoder` names them: `words.weight`, `layers.0.qkv.bias` and so on, and
`layers.0.narrow.smooth` (inner,), by which the input of that matrix is divided, where it is there.
"""


def part_graph(
    weights: Weights, layers: Sequence[int], *, last: bool, max_tokens: int, eight_bits: bool
) -> onnx.ModelProto:
    """Return the model of `layers`: from ids where they begin with layer 0, else from `hidden`.

    Inputs and outputs are those of `processors.model_card`, in its order; the hidden states come
    out as `hidden_next`, since a graph uses a name once. `last` has none.
    """
    graph = _Graph(weights, eight_bits=eight_bits)
    width = len(weights["norm.weight"])
    first = layers[0] == 0
    state = graph.embed("ids", max_tokens) if first else "hidden"
    for layer in layers:
        state = graph.layer(state, layer)
    graph.add("ReduceMean", [state, graph.constant("over", np.array([1]))], "features", keepdims=0)
    outputs = [helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, width])]
    shape = [1, "tokens", width]
    if not last:
        graph.add("Identity", [state], "hidden_next")
        outputs.append(helper.make_tensor_value_info("hidden_next", TensorProto.FLOAT, shape))
    if first:
        taken = helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "tokens"])
    else:
        taken = helper.make_tensor_value_info("hidden", TensorProto.FLOAT, shape)
    return graph.model([taken], outputs)


def seven_bits(weight: Array) -> tuple[NDArray[np.int8], Array]:
    """Return `weight` (in, out) as integers of -64 to 64, and the scale of each column.

    Seven of the eight bits: on CPUs without VNNI the eighth overflows. Costs nothing.
    """
    scale = np.maximum(np.abs(weight).max(0), 1e-12) / _SEVEN_BITS
    return np.round(weight / scale).astype(np.int8), scale.astype(np.float32)


class _Graph:
    """Nodes and constants, as they are added; a node's one output has the node's name."""

    def __init__(self, weights: Weights, *, eight_bits: bool) -> None:
        self._weights = weights
        self._eight_bits = eight_bits
        self._width = len(weights["norm.weight"])
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def add(
        self, kind: str, inputs: Sequence[str], name: str, *, domain: str = "", **attributes: object
    ) -> str:
        node = helper.make_node(kind, inputs, [name], domain=domain, **attributes)
        self._nodes.append(node)
        return name

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def model(
        self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]
    ) -> onnx.ModelProto:
        graph = helper.make_graph(
            self._nodes, "layers", inputs, outputs, list(self._constants.values())
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def embed(self, ids: str, max_tokens: int) -> str:
        """Hidden states before the first layer."""
        words = self._words(ids)
        places = self.constant("positions", self._weights["positions.weight"][:max_tokens])
        count = self.add("Shape", [ids], "count", start=1, end=2)
        zero = self.constant("zero", np.array([0]))
        here = self.add("Slice", [places, zero, count, zero], "here")
        return self._norm(self.add("Add", [words, here], "embedded"), "norm")

    def _words(self, ids: str) -> str:
        table = self._weights["words.weight"]
        if not self._eight_bits:
            return self.add("Gather", [self.constant("words", table), ids], "word")
        packed = pack(table)
        if packed is not None:
            return self._packed_words(ids, *packed)
        # Read and not multiplied: all eight bits, and a scale for each word.
        scale = np.maximum(np.abs(table).max(1, keepdims=True), 1e-12) / 127
        exact = np.round(table / scale).astype(np.int8)
        bits = self.add("Gather", [self.constant("words", exact), ids], "word_bits")
        scales = self.constant("word_scales", scale.astype(np.float32))
        times = self.add("Gather", [scales, ids], "word_scale")
        numbers = self.add("Cast", [bits], "word_number", to=TensorProto.FLOAT)
        return self.add("Mul", [numbers, times], "word")

    def _packed_words(self, ids: str, pairs: NDArray[np.uint8], scales: NDArray[np.float16]) -> str:
        bytes_ = self.add("Gather", [self.constant("words", pairs), ids], "word_pairs")
        # Arithmetic instead of shifts: onnxruntime's are incomplete for single bytes.
        both = self.add("Cast", [bytes_], "word_both", to=TensorProto.FLOAT)
        sixteen = self.constant("sixteen", np.array(16, np.float32))
        high = self.add("Floor", [self.add("Div", [both, sixteen], "word_part")], "word_high")
        low = self.add("Sub", [both, self.add("Mul", [high, sixteen], "word_top")], "word_low")
        halves = self.constant("halves", np.array([1, -1, BLOCK // 2]))
        parts = [self.add("Reshape", [one, halves], one + "_blocks") for one in (low, high)]
        joined = self.add("Concat", parts, "word_blocks", axis=-1)
        eight = self.constant("eight", np.array(8, np.float32))
        numbers = self.add("Sub", [joined, eight], "word_numbers")
        exact = self.add("Gather", [self.constant("word_scales", scales), ids], "word_scale")
        times = self.add("Cast", [exact], "word_times", to=TensorProto.FLOAT)
        column = self.constant("column", np.array([1, -1, 1]))
        scaled = self.add(
            "Mul", [numbers, self.add("Reshape", [times, column], "word_column")], "word_scaled"
        )
        flat = self.constant("flat_words", np.array([1, -1, self._width]))
        return self.add("Reshape", [scaled, flat], "word")

    def layer(self, state: str, number: int) -> str:
        """The hidden states behind layer `number`, whose input is `state`."""
        here = f"layers.{number}."
        mixed = self._linear(self._attend(state, here), here + "mix")
        state = self._norm(self.add("Add", [state, mixed], here + "sum_mix"), here + "norm_mix")
        wide = self.add("Gelu", [self._linear(state, here + "widen")], here + "gelu")
        smooth = self._weights.get(here + "narrow.smooth")
        if smooth is not None and self._eight_bits:
            by = self.constant(here + "narrow.smooth", 1 / smooth)
            wide = self.add("Mul", [wide, by], here + "smoothed")
        out = self._linear(wide, here + "narrow")
        return self._norm(self.add("Add", [state, out], here + "sum_out"), here + "norm_out")

    def _attend(self, state: str, here: str) -> str:
        heads = self._width // HEAD
        by_head = self.constant("by_head", np.array([-1, 3 * heads, HEAD]))
        rows = self.add("Reshape", [self._linear(state, here + "qkv"), by_head], here + "rows")
        parts = [here + name for name in ("query", "key", "value")]
        self._nodes.append(helper.make_node("Split", [rows], parts, axis=1, num_outputs=3))
        query, key, value = parts
        # Each part is (tokens, heads, HEAD): `transBatch` reads it as (heads, tokens, HEAD).
        match = self.add(
            "FusedMatMul",
            [query, key],
            here + "match",
            domain=_MICROSOFT,
            alpha=HEAD**-0.5,
            transB=1,
            transBatchA=1,
            transBatchB=1,
        )
        share = self.add("Softmax", [match], here + "share", axis=-1)
        seen = self.add(
            "FusedMatMul", [share, value], here + "seen", domain=_MICROSOFT, transBatchB=1
        )
        turned = self.add("Transpose", [seen], here + "turned", perm=[1, 0, 2])
        flat = self.constant("flat", np.array([1, -1, self._width]))
        return self.add("Reshape", [turned, flat], here + "attended")

    def _linear(self, state: str, name: str) -> str:
        weight = self._weights[name + ".weight"].T  # torch keeps (out, in)
        bias = self.constant(name + ".bias", self._weights[name + ".bias"])
        if not self._eight_bits:
            matrix = self.constant(name + ".weight", weight)
            return self.add("Add", [self.add("MatMul", [state, matrix], name + ".dot"), bias], name)
        smooth = self._weights.get(name + ".smooth")
        if smooth is not None:
            weight = weight * smooth[:, None]
        bits, scale = seven_bits(weight)
        inputs = [
            state,
            self.constant(name + ".bits", bits),
            self.constant(name + ".scale", scale),
            self.constant(name + ".zero", np.zeros(len(scale), np.int8)),
            bias,
        ]
        return self.add("DynamicQuantizeMatMul", inputs, name, domain=_MICROSOFT)

    def _norm(self, state: str, name: str) -> str:
        weight, bias = (
            self.constant(f"{name}.{kind}", self._weights[f"{name}.{kind}"])
            for kind in ("weight", "bias")
        )
        return self.add(
            "LayerNormalization", [state, weight, bias], name, axis=-1, epsilon=_EPSILON
        )
