"""Speed and quality of the English scorer beside other ways to run the same model.

    python -m benchmarks.scorer [--data FOLDER] [--reference FOLDER]

All in one run on the same 2,000 validation tweets of TweetEval, on one thread. The tweets are cut
into rounds; in each, every way scores the same tweets, one way after the other, so that whatever
else the machine does hits all of them alike. Speed is posts a second of processor time.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.figures import spread, write_latest
from benchmarks.machine import describe

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data" / "tweeteval"
NEEDS_TRAIN = "needs the train extra: make install-train"
PIPELINE = "transformers pipeline, 32 bits, 32 a batch"
ALL_LAYERS = "onnxruntime, 8 bits, all layers"
BARE = "bare 8-bit multiplies of the same shapes"
OURS = "ours"
MAX_TOKENS = 128
WIDTH = 48  # of a name in the table

Run = Callable[[Sequence[str]], list[int]]
"""From texts to an index into LABELS for each."""


class Way(NamedTuple):
    """A way to score; what it gave and the processor seconds a post took, by round."""

    run: Run
    given: list[list[int]]
    seconds: list[float]


def measure(data: Path, reference: Path | None, *, rounds: int) -> dict[str, object] | None:
    """Print the table and return its figures; None where the tweets are not there."""
    from tokenizers import Tokenizer

    from processors.model_card import TOKENIZER_FILE
    from processors.models import ENGLISH
    from processors.train.tweets import read_validation

    try:
        examples = [one for one in read_validation(data) if one.text]
    except OSError as error:
        print(f"scorer: skipped, there are no tweets to score: {error}")
        return None
    tokenizer = Tokenizer.from_file(str(ENGLISH / TOKENIZER_FILE))
    tokenizer.no_padding()
    texts = [one.text for one in examples]
    coded = tokenizer.encode_batch(texts)
    tokens = {text: min(MAX_TOKENS, len(one.ids)) for text, one in zip(texts, coded, strict=True)}
    runs, missing = _torch_runs(reference)
    runs |= _our_runs(ENGLISH)
    if find_spec("onnx") is None:
        missing[BARE] = NEEDS_TRAIN
    else:
        runs[BARE] = _bare_run(ENGLISH, tokens)
    ways = {name: Way(run, [], []) for name, run in runs.items()}
    _time(ways, texts, rounds)
    figures = _table(ways, missing, [one.label for one in examples])
    figures["tokens"] = sum(tokens[text] for text in texts)
    return figures | _start(rounds)


def _torch_runs(reference: Path | None) -> tuple[dict[str, Run], dict[str, str]]:
    names = [PIPELINE, "torch, 32 bits, by length, 1,024 tokens a batch", "onnxruntime, 32 bits"]
    if not all(map(find_spec, ("torch", "transformers", "onnx"))):
        return {}, dict.fromkeys(names, NEEDS_TRAIN)
    if reference is None:
        return {}, dict.fromkeys(names, "needs --reference FOLDER: the 32-bit weights")
    import torch

    from benchmarks.reference import load_reference, open_whole, run_pipeline, run_sorted
    from processors.model_card import TOKENIZER_FILE
    from processors.models import ENGLISH

    torch.set_num_threads(1)
    model = load_reference(reference)
    own = reference / TOKENIZER_FILE
    tokenizer = own if own.is_file() else ENGLISH / TOKENIZER_FILE
    runs = [
        run_pipeline(model, tokenizer),
        run_sorted(model, tokenizer),
        _run_at(open_whole(model, tokenizer), 0),
    ]
    return dict(zip(names, runs, strict=True)), {}


def _our_runs(folder: Path) -> dict[str, Run]:
    from processors.model_card import LABELS
    from processors.score_onnx import OnnxScorer

    scorer = OnnxScorer(folder, threads=1)

    def ours(texts: Sequence[str]) -> list[int]:
        results = scorer.score(texts, languages=["en"] * len(texts))
        return [LABELS.index(result.label) for result in results]

    exits = len(scorer.card.exits)
    forced = {f"{OURS}, exit {n} for all": _run_at(scorer, n) for n in range(exits - 1)}
    return {ALL_LAYERS: _run_at(scorer, exits - 1)} | forced | {OURS: ours}


def _run_at(scorer: Any, exit_number: int) -> Run:
    """The answers of one exit, however unsure it is."""
    from processors.model_card import ANY
    from processors.score_onnx import probabilities

    by_language = scorer.card.exits[exit_number].calibration
    calibration = by_language.get("en", by_language[ANY])

    def run(texts: Sequence[str]) -> list[int]:
        readings = scorer.read(texts, ["en"] * len(texts), answer_at=exit_number)
        return [int(probabilities(one.logits, calibration).argmax()) for one in readings]

    return run


def _bare_run(folder: Path, tokens: Mapping[str, int]) -> Run:
    from benchmarks.bare import BareMultiplies
    from processors.model_folder import read_card

    bare = BareMultiplies([folder / one.file for one in read_card(folder).exits])

    def run(texts: Sequence[str]) -> list[int]:
        for text in texts:
            bare.run(tokens[text])
        return []

    return run


def _time(ways: Mapping[str, Way], texts: Sequence[str], rounds: int) -> None:
    for way in ways.values():
        way.run(texts[:64])
    for start in range(rounds):
        some = texts[start::rounds]
        for way in ways.values():
            began = time.process_time()
            given = way.run(some)
            way.seconds.append((time.process_time() - began) / len(some))
            way.given.append(given)


def _table(
    ways: Mapping[str, Way], missing: Mapping[str, str], labels: Sequence[int]
) -> dict[str, object]:
    rounds = len(ways[OURS].seconds)
    truth = [labels[start::rounds] for start in range(rounds)]
    figures: dict[str, object] = {"posts": len(labels), "rounds": rounds}
    base = PIPELINE if PIPELINE in ways else ALL_LAYERS
    print(f"{len(labels):,} tweets in {rounds} rounds; times as fast as: {base}")
    for name, way in ways.items():
        recall = _macro_recall(truth, way.given) if all(way.given) else None
        found = {
            "posts_per_cpu_second": spread([1 / one for one in way.seconds]),
            "times_base": _ratios(ways[base], way),
            "share_of_bare": _ratios(ways[BARE], way) if BARE in ways else None,
            "macro_recall": recall and round(recall, 4),
        }
        figures[name] = found
        print(_line(name, found), flush=True)
    for name, reason in missing.items():
        figures[name] = reason
        print(f"{name:<{WIDTH}} {reason}")
    return figures


def _line(name: str, found: Mapping[str, Any]) -> str:
    times, share, recall = found["times_base"], found["share_of_bare"], found["macro_recall"]
    speed = found["posts_per_cpu_second"]["median"]
    text = f"{name:<{WIDTH}} {speed:7,.0f} posts/CPU-s"
    text += f"  x {times['median']:5.2f} ({times['min']:.2f} to {times['max']:.2f})"
    if recall is not None:
        text += f"  macro recall {100 * recall:5.2f}"
    if share is not None:
        text += f"  tokens/s {share['median']:4.0%} of the bare multiplies'"
    return text


def _ratios(base: Way, way: Way) -> dict[str, float]:
    return spread([a / b for a, b in zip(base.seconds, way.seconds, strict=True)])


def _macro_recall(truth: Sequence[Sequence[int]], given: Sequence[Sequence[int]]) -> float:
    pairs = [pair for t, g in zip(truth, given, strict=True) for pair in zip(t, g, strict=True)]
    shares = []
    for label in {true for true, _ in pairs}:
        of_label = [answer for true, answer in pairs if true == label]
        shares.append(of_label.count(label) / len(of_label))
    return statistics.mean(shares)


def _start(rounds: int) -> dict[str, object]:
    """A new process each time: from its start to its first score, and the memory it took."""
    program = (
        "import os; os.environ['ORT_DISABLE_TELEMETRY'] = '1'\n"
        "from processors.score import load_scorer\n"
        "load_scorer('english', threads=1).score(['I love it'])\n"
        # Not getrusage: that begins with what the parent had.
        "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0], flush=True)"
    )
    seconds, peaks = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            peaks.append(int(process.stdout.readline()) / 1024)
            seconds.append(time.perf_counter() - began)
    found = spread(seconds)
    print(
        f"start of a process to its first score: {found['median']:.2f} s "
        f"({found['min']:.2f} to {found['max']:.2f}), peak memory {max(peaks):,.0f} MB"
    )
    return {"start_to_first_score_s": found, "peak_resident_mb": round(max(peaks))}


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--data", type=Path, default=DATA, help="folder of TweetEval")
    parser.add_argument("--reference", type=Path, help="folder of the 32-bit weights")


def main() -> None:
    """Measure the scorer alone."""
    # onnxruntime looks once, when it is imported: it would tell its maker about each run.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scorer", description=__doc__)
    add_options(parser)
    parser.add_argument("--rounds", type=int, default=5, help="parts the tweets are cut into")
    options = parser.parse_args()
    figures = measure(options.data, options.reference, rounds=options.rounds)
    if figures is not None:
        write_latest({"scorer": {"machine": describe()} | figures})


if __name__ == "__main__":
    main()
