"""What torch does on a CPU, and what is decided for a GPU before there is one."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.train

IDS, LENGTHS = np.array([[3, 4, 5]]), np.array([3])


def model_of(factor: float) -> Any:
    """Logits are the tokens' sum, times `factor`, and its opposite."""
    import torch

    class Sum(torch.nn.Module):  # type: ignore[misc,unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.factor = torch.nn.Parameter(torch.tensor([factor, -factor]))

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            total = (input_ids * attention_mask).sum(1, keepdim=True).to(self.factor.dtype)
            return SimpleNamespace(logits=total * self.factor)

    return Sum()


def test_numbers_too_large_for_half_precision_are_read_again_in_full() -> None:
    from processors.torch_device import TorchDevice

    device = TorchDevice(model_of(30_000.0), device="cpu", precision="float16")
    assert device.finish(device.start(IDS % 2, LENGTHS)).tolist() == [[60_000, -60_000]]
    assert device.precision == "float16"
    several = [device.start(IDS, LENGTHS) for _ in range(2)]
    for started in several:
        assert device.finish(started).tolist() == [[360_000, -360_000]]
    assert device.precision == "float32"


def test_memory_that_ends_on_the_way_to_full_precision_is_waited_for() -> None:
    import torch

    from processors.torch_budget import OutOfMemory
    from processors.torch_device import TorchDevice

    model = torch.nn.Sequential(model_of(30_000.0), torch.nn.Linear(1, 1))
    sums, rest = model
    convert, short = rest.float, True
    model.forward = sums.forward

    def float_as_far_as_it_goes() -> None:
        sums.float()
        if short:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        convert()

    model.float = float_as_far_as_it_goes
    device = TorchDevice(model, device="cpu", precision="float16")
    started = device.start(IDS, LENGTHS)
    for _ in range(2):
        with pytest.raises(OutOfMemory):
            device.finish(started)
        with pytest.raises(OutOfMemory):
            device.start(IDS, LENGTHS)
    short = False
    assert device.finish(device.start(IDS, LENGTHS)).tolist() == [[360_000, -360_000]]
    assert {each.dtype for each in model.parameters()} == {torch.float32}


def test_a_compiled_model_says_the_same() -> None:
    import torch

    from processors.torch_device import TorchDevice

    calls = []

    def compiler(graph: Any, _example: Any) -> Any:
        calls.append(graph)
        return graph.forward

    model = model_of(2.0)
    plain, compiled = TorchDevice(model, device="cpu"), TorchDevice(model, device="cpu")
    compiled._read = torch.compile(model, dynamic=True, backend=compiler)
    for width in (8, 16, 24):
        ids = np.arange(4 * width).reshape(4, width)
        one, other = (d.finish(d.start(ids, ids[:, 1])) for d in (plain, compiled))
        assert one.tolist() == other.tolist()
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("cuda:7", "torch sees 0 GPUs here; CUDA_VISIBLE_DEVICES"),
        ("cuda", "torch sees 0 GPUs here"),
        ("tpu9", "is no device"),
        ("meta", "is no device that is known here"),
    ],
)
def test_a_device_that_is_not_there_is_named(wanted: str, said: str) -> None:
    import torch

    from processors.torch_device import DeviceError, device_of

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(DeviceError, match=said):
        device_of(wanted)
    assert (device_of("auto"), device_of("cpu")) == ("cpu", "cpu")


def test_half_precision_is_chosen_by_what_a_gpu_can_do() -> None:
    from processors.torch_device import precision_of

    assert precision_of("auto", None) == "float32"
    assert precision_of("auto", (7, 0)) == "float16"
    assert precision_of("auto", (9, 0)) == "bfloat16"
    assert precision_of("float32", (9, 0)) == "float32"


def test_other_errors_are_no_shortage_of_memory() -> None:
    import torch

    from processors.torch_device import shortage

    for said in ("CUDA out of memory.", "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"):
        assert shortage(RuntimeError(said)) == said
    assert shortage(torch.OutOfMemoryError("full\nto the brim")) == "full to the brim"
    assert shortage(RuntimeError("device-side assert triggered")) is None
