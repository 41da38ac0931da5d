"""How a model of Hugging Face is to be run. Only the standard library is needed here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from processors.records import Label

Precision = Literal["auto", "bfloat16", "float16", "float32"]
Tell = Callable[..., object]
"""Is given an event and what is to be said of it, by name: the `info` of a logger."""


def told_to_nobody(_event: str, **_said: object) -> None:
    """A `Tell` where nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchOptions:
    """`device`: `cpu`, `cuda`, `cuda:1`, or `auto`, which is a GPU if there is one.

    `precision` of weights and sums in between; `auto`: bfloat16 on a GPU that has it, float16 on
    one that has not, float32 on a CPU. `compiled`: by torch.compile. `labels`: what the model's
    outputs mean, one of each, in place of what the model says itself.
    """

    device: str = "auto"
    precision: Precision = "auto"
    compiled: bool = False
    labels: "tuple[Label, ...]" = ()
    tell: Tell = told_to_nobody
