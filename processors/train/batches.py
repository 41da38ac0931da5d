"""The batches of a run, by number of the step."""

import math
from collections.abc import Sequence
from random import Random

import torch

from processors.train.recipe import Recipe
from processors.train.samples import Batch, Coder, Sample, batch_of, encode, epoch_groups


class Batches:
    """Batches on `device`; the same arguments give the same ones."""

    def __init__(
        self,
        samples: Sequence[Sample],
        coder: Coder,
        recipe: Recipe,
        *,
        seed: int,
        device: torch.device,
    ) -> None:
        self._samples, self._padding, self._recipe = samples, coder.padding, recipe
        self._seed, self._device = seed, device
        self._ids = encode(samples, coder)
        self.posts = len(samples)
        self.per_epoch = math.ceil(self.posts / recipe.batch)
        self._groups: list[list[int]] = []
        self._epoch = -1

    def at(self, step: int) -> Batch:
        """Return the batch of a step, counted from 0 through all epochs."""
        epoch, number = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            self._groups, self._epoch = self._drawn(epoch), epoch
        batch = batch_of(self._samples, self._ids, self._groups[number], self._padding)
        return Batch(*(part.to(self._device) for part in batch))

    def _drawn(self, epoch: int) -> list[list[int]]:
        # Each epoch has its own draw, the same whether or not the run was interrupted.
        random = Random(f"{self._seed}-{epoch}")
        lengths = [len(one) for one in self._ids]
        return epoch_groups(
            lengths, size=self._recipe.batch, random=random, shuffle=self._recipe.shuffle
        )
