"""The 8-bit matrix multiplies of a model and nothing else: the limit of the machine. Needs onnx."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

_MULTIPLIES = ("MatMulInteger", "DynamicQuantizeMatMul")


class BareMultiplies:
    """Every matrix of the files of a model folder, multiplied by 8-bit numbers that lie ready."""

    def __init__(self, files: Sequence[Path]) -> None:
        matrices = [matrix for file in files for matrix in _matrices(file)]
        self._heights = sorted({len(matrix) for matrix in matrices})
        outputs = [f"out-{index}" for index in range(len(matrices))]
        nodes = [
            helper.make_node("MatMulInteger", [f"in-{len(matrix)}", f"matrix-{index}"], [output])
            for index, (matrix, output) in enumerate(zip(matrices, outputs, strict=True))
        ]
        inputs = [
            helper.make_tensor_value_info(f"in-{height}", TensorProto.UINT8, ["tokens", height])
            for height in self._heights
        ]
        graph = helper.make_graph(
            nodes,
            "bare",
            inputs,
            [helper.make_tensor_value_info(name, TensorProto.INT32, None) for name in outputs],
            [numpy_helper.from_array(m, f"matrix-{index}") for index, m in enumerate(matrices)],
        )
        opsets = [helper.make_opsetid("", 20)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_mem_pattern = False
        self._session = ort.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self._outputs = outputs
        self._ready: dict[int, Any] = {}

    def run(self, tokens: int) -> None:
        """Multiply every matrix by the activations of a text of `tokens` tokens."""
        if tokens not in self._ready:
            self._ready[tokens] = self._bind(tokens)
        self._session.run_with_iobinding(self._ready[tokens])

    def _bind(self, tokens: int) -> Any:
        # Bound, so that what comes out isn't copied to Python.
        binding = self._session.io_binding()
        rng = np.random.default_rng(tokens)
        for height in self._heights:
            numbers = rng.integers(0, 255, (tokens, height), dtype=np.uint8)
            binding.bind_cpu_input(f"in-{height}", numbers)
        for name in self._outputs:
            binding.bind_output(name)
        return binding


def _matrices(file: Path) -> list[np.ndarray]:
    graph = onnx.load(file).graph
    constants = {constant.name: constant for constant in graph.initializer}
    return [
        numpy_helper.to_array(constants[node.input[1]])
        for node in graph.node
        if node.op_type in _MULTIPLIES
    ]
