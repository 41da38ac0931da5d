"""Full fine-tuning beside adapters, judged on tweets of a year that the model has not seen.

    python -m benchmarks.methods --data FOLDER [--work FOLDER]

Every run is one of `groundswell train` on one thread, from the packaged MiniLM (a prefix: by way
of Hugging Face), with as many tweets and epochs as any other. First the rates: each is tried once
on tweets of 2013, judged on 2014 and 2015. Then each method learns with its better rate from 2013
to 2015, over several seeds, and is judged on 2016, none of whose tweets stopped or
calibrated it.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import msgspec

from benchmarks.machine import describe

OUT: Final = Path(__file__).parent / "full-or-lora.json"
DATA: Final = Path(__file__).parents[2] / "shared" / "data" / "tweeteval"
RATES: Final[Mapping[str, tuple[float, ...]]] = {"full": (1e-4, 2e-4), "lora": (1e-3, 2e-3)}
"""What is tried; the other methods keep the rate of their recipe."""


class Question(NamedTuple):
    """The years that are learnt from and judged by, and how many tweets of them.

    `steer` tweets of the years to learn from stop a run early and calibrate it.
    """

    learn_years: tuple[int, ...]
    judge_years: tuple[int, ...]
    learn: int
    steer: int
    judge: int


class Run(NamedTuple):
    """One of `groundswell train`; `rate` None is the recipe's."""

    method: str
    rate: float | None
    seed: int
    epochs: float


TRIED: Final = Question((2013,), (2014, 2015), learn=2_000, steer=400, judge=3_000)
COMPARED: Final = Question((2013, 2014, 2015), (2016,), learn=1_000, steer=200, judge=2_000)
EPOCHS: Final = 2.0
LONGER: Final = 6.0
"""What AdaLoRA and a prefix get besides: they begin slowly. Beside the others it is not fair."""
SEEDS: Final[Mapping[str, tuple[int, ...]]] = {
    "full": (0, 1, 2),
    "lora": (0, 1, 2),
    "adalora": (0,),
    "prefix": (0,),
}

Train = Callable[[Path, Run], dict[str, Any]]
"""From a file of tweets and a run to its figures."""


def compare(
    files: Mapping[str, Path],
    work: Path,
    train: Train,
    *,
    seeds: Mapping[str, Sequence[int]] = SEEDS,
) -> dict[str, Any]:
    """Return the figures of all runs on the files `tried` and `compared`.

    Those of each run are kept in `work`, and a run whose figures are there is not run again.
    """

    def figures(name: str, run: Run) -> dict[str, Any]:
        kept = work / f"{name}-{run.method}-{run.rate}-{run.seed}.json"
        if not kept.exists():
            file = files["tried" if name == "tried" else "compared"]
            kept.write_bytes(msgspec.json.encode(train(file, run)))
        found = msgspec.json.decode(kept.read_bytes(), type=dict[str, Any])
        said = f"{name:<9} {run.method:<8} rate {run.rate or 'usual':<6} seed {run.seed}"
        print(f"{said}: macro recall {100 * found['macro_recall']:.1f}", flush=True)
        return found

    tried = {
        method: {
            rate: figures("tried", Run(method, rate, seeds[method][0], EPOCHS)) for rate in rates
        }
        for method, rates in RATES.items()
    }
    methods = {}
    for method, some in seeds.items():
        of_rates = tried.get(method, {})
        rate = max(of_rates, key=lambda one: of_rates[one]["macro_recall"], default=None)
        runs = {str(seed): figures("compared", Run(method, rate, seed, EPOCHS)) for seed in some}
        methods[method] = {"rate": rate, **_over_seeds(list(runs.values())), "seeds": runs}
    longer = {
        method: figures("longer", Run(method, None, some[0], LONGER))
        for method, some in seeds.items()
        if method not in RATES
    }
    told = {
        method: {str(rate): one for rate, one in of_rates.items()}
        for method, of_rates in tried.items()
    }
    return {"rates_tried": told, "methods": methods, "longer": longer}


def _over_seeds(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = {}
    for name in ("macro_recall", "accuracy", "minutes"):
        values = [run[name] for run in runs]
        found[name] = {
            "mean": round(statistics.mean(values), 4),
            "least": min(values),
            "most": max(values),
            "deviation": round(statistics.stdev(values), 4) if len(values) > 1 else None,
        }
    return found


def write_tweets(data: Path, path: Path, question: Question) -> Path:
    """Write tweets drawn with a fixed seed: no run differs from another in what it reads."""
    from processors.model_card import LABELS
    from processors.train.tweets import Sourced, read_sourced

    every = list(read_sourced(data))

    def of(some: tuple[int, ...]) -> list[Sourced]:
        return [one for one in every if int(one.source[:4]) in some]

    random = Random(0)
    near = random.sample(of(question.learn_years), question.learn + question.steer)
    parts = {
        "train": near[: question.learn],
        "val": near[question.learn :],
        "test": random.sample(of(question.judge_years), question.judge),
    }
    rows = [
        {"text": one.text, "label": LABELS[one.label], "language": "en", "split": split}
        for split, part in parts.items()
        for one in part
    ]
    path.write_bytes(b"\n".join(map(msgspec.json.encode, rows)) + b"\n")
    return path


def train_once(file: Path, run: Run) -> dict[str, Any]:
    """Train a model, judge it and throw it away."""
    from processors.train.run import train

    began = time.process_time()
    with tempfile.TemporaryDirectory() as out:
        folder = train(
            [file],
            base="minilm",
            method=run.method,
            languages=("en",),
            seed=run.seed,
            out=Path(out),
            epochs=run.epochs,
            rate=run.rate,
            resume=False,
            date="",
            progress=lambda _step: None,
        )
        report = msgspec.json.decode((folder / "report.json").read_bytes(), type=dict[str, Any])
    minutes = (time.process_time() - began) / 60
    return _figures(report["test"]) | {"train": report["train"], "minutes": round(minutes, 2)}


def _figures(test: Mapping[str, Any]) -> dict[str, Any]:
    import numpy as np

    from processors.evaluate import INTERVAL
    from processors.measures import macro_recall, resamples

    drawn = macro_recall(resamples(np.array(test["confusion"]), seed=0))
    low, high = np.percentile(drawn, INTERVAL)
    return {
        "macro_recall": round(test["macro_recall"], 4),
        "interval": [round(float(low), 4), round(float(high), 4)],  # of the tweets judged by
        "accuracy": round(test["accuracy"], 4),
        "calibration_error": round(test["ece"], 4),
        "confusion": test["confusion"],
    }


def main() -> None:
    """Compare, and write the file."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    parser = argparse.ArgumentParser(prog="python -m benchmarks.methods", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of TweetEval")
    parser.add_argument("--work", type=Path, help="kept, to go on from after a break")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        questions = {"tried": TRIED, "compared": COMPARED}
        files = {
            name: write_tweets(options.data, work / f"{name}.jsonl", one)
            for name, one in questions.items()
        }
        found = compare(files, work, train_once)
    asked = {name: one._asdict() for name, one in questions.items()}
    told = {
        "machine": describe(),
        "questions": asked,
        "epochs": EPOCHS,
        "longer_epochs": LONGER,
        **found,
    }
    OUT.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")
    print(f"written to benchmarks/{OUT.name}")


if __name__ == "__main__":
    main()
