"""make bench: measure, print a table, write benchmarks/latest.json."""

import argparse
import os
import sys
import time
from pathlib import Path

from benchmarks import scorer
from benchmarks.figures import spread, write_latest
from benchmarks.line import FEED, LineRun, plan_of, run_line, texts_of
from benchmarks.machine import describe, folder_mb
from infra.settings import Settings
from streams.session import Session


def main() -> None:
    """Measure everything."""
    # onnxruntime looks once, when it is imported: it would tell its maker about each run.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--posts", type=int, default=6_000, help="posts of each run")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each ratio")
    parser.add_argument("--live-seconds", type=int, default=40, help="at 100 posts/s")
    scorer.add_options(parser)
    arguments = parser.parse_args()
    figures: dict[str, object] = {"machine": describe()}
    figures["scorer"] = scorer.measure(arguments.data, arguments.reference, rounds=5)
    figures["distinct"] = _ratio(arguments.posts, arguments.rounds, reposts=0.0)
    figures["reposts_60"] = _ratio(arguments.posts, arguments.rounds, reposts=0.6)
    figures["live"] = _live(arguments.live_seconds)
    installed = folder_mb(Path(sys.prefix)) if sys.prefix != sys.base_prefix else None
    figures["installed_mb"] = installed and round(installed)
    print(f"installed size of {Path(sys.prefix).name}: {installed or 0:,.0f} MB")
    write_latest(figures)


def _ratio(posts: int, rounds: int, *, reposts: float) -> dict[str, object]:
    """The line at full speed over the scorer alone on the same texts, in turn."""
    plan = plan_of(posts, reposts=reposts)
    texts = texts_of(plan)
    runs: list[tuple[float, LineRun]] = []
    for _ in range(rounds):
        alone = _scorer_alone(texts)
        line = run_line(plan)
        runs.append((alone, line))
        print(
            f"{reposts:4.0%} reposts: line {line.posts_per_second:,.0f} posts/s, scorer alone "
            f"{alone:,.0f}, ratio {line.posts_per_second / alone:.2f}; "
            f"peak {line.peak_resident_mb:,.0f} MB, first post on disk after "
            f"{line.start_seconds:.1f} s; CPU {line.cpu_seconds}",
            flush=True,
        )
    ratios = [line.posts_per_second / alone for alone, line in runs]
    return {
        "posts": posts,
        "ratio": spread(ratios),
        "line_posts_per_second": spread([line.posts_per_second for _, line in runs]),
        "scorer_posts_per_second": spread([alone for alone, _ in runs]),
        "peak_resident_mb": max(line.peak_resident_mb for _, line in runs),
        "start_seconds": spread([line.start_seconds for _, line in runs]),
    }


def _scorer_alone(texts: list[str]) -> float:
    """Posts a second of the bare model with all cores, every text scored, repeated ones too."""
    from processors.clean import model_text
    from processors.models import ENGLISH
    from processors.score_onnx import OnnxScorer

    alone = OnnxScorer(ENGLISH, threads=Settings().score_threads)
    alone.score(texts[:64])
    batch = 400
    began = time.perf_counter()
    for start in range(0, len(texts), batch):
        some = list(filter(None, map(model_text, texts[start : start + batch])))
        alone.read(some, ["en"] * len(some))
    return len(texts) / (time.perf_counter() - began)


def _live(seconds: int) -> dict[str, object]:
    """Published to stored at 100 posts/s."""
    latencies: list[float] = []

    def read(session: Session) -> None:
        rows = session.store.query(
            "SELECT quantilesExact(0.5, 0.99, 1)(date_diff('millisecond', published_at, stored_at))"
            " FROM counted_posts WHERE feed = {feed:String}"
            " AND published_at > (SELECT min(published_at) FROM posts) + INTERVAL 5 SECOND",
            {"feed": FEED},
        )
        latencies.extend(ms / 1000 for ms in rows[0][0])

    plan = plan_of(100 * seconds, rate=100.0)
    run = run_line(plan, speed=1.0, published_now=True, at_end=read)
    p50, p99, worst = latencies
    print(f"live at 100 posts/s: published to stored p50 {p50:.2f} s, p99 {p99:.2f} s")
    return {"p50_s": p50, "p99_s": p99, "max_s": worst, "resident_mb": run.peak_resident_mb}


if __name__ == "__main__":
    main()
