"""The whole line at full speed over its model alone, on the same texts, in turn.

The line's time is from when all stages take part to the last post on disk, so a run has a beginning
and an end in which the model waits: more than a second together. Runs are long enough that this
is a few per cent. What each process burns a post is told beside it, the model alone first.
"""

import time
from collections.abc import Callable

from benchmarks import constant
from benchmarks.figures import Effort, spread
from benchmarks.line import LineRun, plan_of, run_line, texts_of
from infra.settings import Settings
from processors.clean import model_text
from processors.score_onnx import OnnxScorer

BATCH = 400
CASES = (
    # Names, share of reposts, posts: 30 to 40 s of the line on two cores
    ("plain", 0.0, 60_000),
    ("cascade", 0.0, 120_000),
    ("plain", 0.6, 100_000),
    ("cascade", 0.6, 160_000),
)
MODELS: dict[str, Callable[[int], OnnxScorer]] = {
    "plain": constant.plain,
    "cascade": constant.cascade,
}


def measure(effort: Effort) -> dict[str, object]:
    """The ratios of all cases."""
    return {
        f"{name}, {reposts:.0%} reposts": _case(name, reposts, effort.of(posts), effort.rounds)
        for name, reposts, posts in CASES
    }


def _case(model: str, reposts: float, posts: int, rounds: int) -> dict[str, object]:
    plan = plan_of(posts, reposts=reposts)
    texts = texts_of(plan)
    runs: list[tuple[float, LineRun]] = []
    burnt: list[dict[str, float]] = []
    for _ in range(rounds):
        alone, bare = scorer_alone(MODELS[model], texts)
        line = run_line(plan, model=f"py:benchmarks.constant:{model}")
        runs.append((alone, line))
        burnt.append({"scorer alone": bare} | line.cpu_seconds)
        print(
            f"  {model}, {reposts:4.0%} reposts: line {line.posts_per_second:7,.0f} posts/s, "
            f"scorer alone {alone:7,.0f}, ratio {line.posts_per_second / alone:.2f}",
            flush=True,
        )
    return {
        "posts": posts,
        "ratio": spread([line.posts_per_second / alone for alone, line in runs]),
        "line_posts_per_second": spread([line.posts_per_second for _, line in runs]),
        "scorer_posts_per_second": spread([alone for alone, _ in runs]),
        "cpu_ms_a_post": {
            name: spread([1000 * one[name] / posts for one in burnt]) for name in burnt[0]
        },
        "peak_resident_mb": max(line.peak_resident_mb for _, line in runs),
        "start_seconds": spread([line.start_seconds for _, line in runs]),
    }


def scorer_alone(model: Callable[[int], OnnxScorer], texts: list[str]) -> tuple[float, float]:
    """Posts a second of the bare model with all cores, every text scored, repeated ones too; and
    the CPU seconds it took."""
    alone = model(Settings().score_threads)
    alone.score(texts[:64])
    began, burnt = time.perf_counter(), time.process_time()
    for start in range(0, len(texts), BATCH):
        some = list(filter(None, map(model_text, texts[start : start + BATCH])))
        alone.read(some, ["en"] * len(some))
    return len(texts) / (time.perf_counter() - began), time.process_time() - burnt
