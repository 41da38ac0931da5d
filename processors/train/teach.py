"""What larger or earlier models say of the training posts, for a smaller one to learn from.

    python -m processors.train.teach --out soft.npz --texts texts.jsonl MODEL_FOLDER...

`texts.jsonl` has a `text` (model text) and a `language` a line. Hinton et al. 2015, "Distilling the
knowledge in a neural network"; a mean of several teachers is better than each.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np

from processors.score_onnx import OnnxScorer, probabilities
from processors.train.samples import Sample, Shares

Answers = dict[int, Shares]
"""Probabilities by a 64-bit hash of the model text."""


def ask(teachers: Sequence[OnnxScorer], texts: Sequence[str], languages: Sequence[str]) -> Answers:
    """Return the mean answer of the teachers' last exits to model texts, none of them empty."""
    total = np.zeros((len(texts), 3))
    for teacher in teachers:
        last = teacher.card.exits[-1]
        for row, one in enumerate(
            teacher.read(texts, languages, answer_at=len(teacher.card.exits) - 1)
        ):
            total[row] += probabilities(one.logits, last.calibration_of(languages[row]))
    found = total / len(teachers)
    return {_key(text): _shares(row) for text, row in zip(texts, found, strict=True)}


def taught(samples: Iterable[Sample], answers: Answers) -> list[Sample]:
    """Return the samples, with a teacher's answer where there is one."""
    return [one._replace(soft=answers.get(_key(one.text))) for one in samples]


def write_answers(answers: Answers, path: Path) -> None:
    """Write the answers to `path` (npz)."""
    keys = np.array(list(answers), np.uint64)
    np.savez(path, keys=keys, shares=np.array(list(answers.values()), np.float32))


def read_answers(path: Path) -> Answers:
    """Read what `write_answers` wrote."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
        return {
            int(key): _shares(row) for key, row in zip(parts["keys"], parts["shares"], strict=True)
        }


def _key(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _shares(row: np.ndarray) -> Shares:
    negative, neutral, positive = (float(share) for share in row)
    return negative, neutral, positive
