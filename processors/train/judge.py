"""How good a network in training is on posts that it does not learn from."""

from collections.abc import Sequence

from torch import nn

from processors.train.job import macro_recall_of
from processors.train.samples import Coder, Sample, encode, length_groups, padded
from processors.train.weights import Judge

_BATCH = 64


def judge_of(dev: Sequence[Sample], coder: Coder) -> Judge:
    """Return a judge: macro recall of the last exit on `dev`."""
    ids = encode(dev, coder)
    groups = length_groups([len(one) for one in ids], size=_BATCH)

    def judge(model: nn.Module) -> float:
        device = next(model.parameters()).device
        given = [0] * len(dev)
        for rows in groups:
            wide, mask = padded(ids, rows, coder.padding)
            logits = model(wide.to(device), mask.to(device))[-1]
            for row, answer in zip(rows, logits.argmax(-1).tolist(), strict=True):
                given[row] = answer
        return macro_recall_of(given, [one.label for one in dev])

    return judge
