"""How good scores are, against labels.

    python -m processors.evaluate --data ../shared/data/tweeteval [--json]

prints how the shipped model does on the validation tweets of TweetEval.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from processors.model_card import LABELS, Quality
from processors.records import Label, Sentiment
from processors.score import ModelError
from processors.train_data import read_validation

SHIPPED = Path(__file__).parent / "models" / "english"
_BINS = 15


def quality(labels: Sequence[Label], results: Sequence[Sentiment]) -> Quality:
    """Compare `results` with the true `labels`, one each, at least one (else ValueError).

    A class without a true label is left out of the macro recall, and a class that
    neither occurs nor is given out of the macro F1. Macro recall over the three classes
    is the measure of SemEval-2017 task 4A (Rosenthal et al. 2017); the calibration
    error is that of Guo et al. 2017 with 15 equal bins.
    """
    if not labels:
        raise ValueError("there is nothing to compare")
    confusion = np.zeros((len(LABELS), len(LABELS)), int)
    for label, result in zip(labels, results, strict=True):
        confusion[LABELS.index(label), LABELS.index(result.label)] += 1
    right, true, given = confusion.diagonal(), confusion.sum(1), confusion.sum(0)
    occurs, matters = true > 0, true + given > 0
    return Quality(
        posts=len(labels),
        macro_recall=float((right[occurs] / true[occurs]).mean()),
        accuracy=float(right.sum() / true.sum()),
        macro_f1=float((2 * right[matters] / (true + given)[matters]).mean()),
        ece=_calibration_error(labels, results),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
    )


def _calibration_error(labels: Sequence[Label], results: Sequence[Sentiment]) -> float:
    sure = np.array([max(r.p_negative, r.p_neutral, r.p_positive) for r in results])
    right = np.array([r.label == label for r, label in zip(results, labels, strict=True)])
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=sure - right, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(sure))


def as_text(found: Quality) -> str:
    """Return the numbers as a few lines for a person; shares in percent."""
    lines = [f"{found.posts} posts"]
    for name in ("macro_recall", "accuracy", "macro_f1", "ece"):
        lines.append(f"{name.replace('_', ' '):<13}{100 * getattr(found, name):6.2f} %")
    lines.append("true \\ given " + "".join(f"{label:>10}" for label in LABELS))
    for label, row in zip(LABELS, found.confusion, strict=True):
        lines.append(f"{label:<13}" + "".join(f"{count:>10}" for count in row))
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Score TweetEval's validation tweets with a model folder; return the exit status."""
    # onnxruntime looks once, when it is imported: it would tell its maker about each run.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    from processors.score_onnx import OnnxScorer

    parser = argparse.ArgumentParser(prog="processors.evaluate", description="Judge the model.")
    parser.add_argument("--data", type=Path, required=True, help="folder of TweetEval")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="model folder")
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args(arguments)
    try:
        examples = read_validation(options.data)
        scorer = OnnxScorer(options.model, threads=1)
    except (OSError, ModelError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    found = quality(
        [LABELS[example.label] for example in examples],
        scorer.score([example.text for example in examples]),
    )
    shown = msgspec.json.encode(found).decode() if options.json else as_text(found)
    sys.stdout.write(shown + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
