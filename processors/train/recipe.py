"""How a model is trained: the numbers of a run."""

import math
from typing import Annotated

from msgspec import Meta, Struct

Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1)]


class Recipe(Struct, frozen=True, kw_only=True):
    """The numbers of a run; the defaults suit the packaged encoders.

    The rate rises to its height over the share `warm_up` of all steps and falls to zero at the
    end, in straight lines. With `patience`, a run ends after so many judgements without a better
    one, and keeps the best weights.
    """

    epochs: Positive = 1.5
    batch: Count = 32
    max_tokens: Annotated[int, Meta(ge=8, le=512)] = 128
    rate: Positive = 1e-4
    head_rate: Positive = 1e-3
    layer_decay: Annotated[float, Meta(gt=0, le=1)] = 1.0  # of the rate, from a layer to the next
    warm_up: Share = 0.06
    smoothing: Share = 0.1  # of labels
    exit_weight: Annotated[float, Meta(ge=0)] = 0.25  # of each exit before the last
    soft_weight: Share = 0.5  # of a teacher's answer against the label, where there is one
    balance: Share = 0.0  # 1: every class counts alike, however many posts it has
    consistency: Annotated[float, Meta(ge=0)] = 0.0  # R-Drop (Liang et al. 2021), its alpha
    freeze_embeddings: bool = True
    average: Share = 0.0  # what a running mean of the weights keeps of itself; 0: no mean
    average_every: Count = 4  # steps
    judge_every: Positive = 1.0  # epochs
    patience: Annotated[int, Meta(ge=0)] = 0  # 0: never stops early
    decay: Annotated[float, Meta(ge=0)] = 0.01
    clip: Positive = 1.0
    shuffle: bool = True

    def steps(self, posts: int) -> int:
        """How many batches a run over so many posts takes, if it is not stopped before."""
        return math.ceil(math.ceil(posts / self.batch) * self.epochs)
