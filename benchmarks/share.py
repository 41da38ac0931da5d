"""Estimates of the negative share on labelled streams: error, and what intervals cover.

    python -m benchmarks.share --data FOLDER

Choices were made on halves A (three airlines, every second validation tweet and topic); the figures
of the other halves are reported, from other seeds. Writes benchmarks/share.json and prints the
tables of docs/share.md.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks import share_methods as methods
from benchmarks.share_allowance import allowance
from benchmarks.share_data import (
    Scored,
    cross_fitted,
    read_airlines,
    read_topics,
    read_validation_stream,
    scored,
)
from benchmarks.share_methods import Floats, Interval, Mask
from benchmarks.share_text import tables
from forecasting.share import corrected_share, is_enough
from processors.models import ENGLISH

OUT = Path(__file__).parent / "share.json"
SHARES = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6)
POSTS = 2000
LABELS = 100
FIRST_AIRLINES = ("American", "Delta", "Southwest")
DAY_POSTS = 80  # a day with fewer says too little of its share
SEED_A, SEED_B = 1, 2024


def halves(stream: Scored, kind: str) -> tuple[Scored, Scored]:
    """Half A, on which choices were made, and half B, which is reported."""
    if kind == "airline":
        first = np.isin(stream.streams, FIRST_AIRLINES)
    elif kind == "topics":
        names = sorted(set(stream.streams.tolist()))
        first = np.isin(stream.streams, names[::2])
    else:
        first = np.arange(len(stream.truth)) % 2 == 0
    return stream.where(first), stream.where(~first)


def resampled(pool: Scored, share: float, rng: np.random.Generator) -> tuple[Floats, Mask, Mask]:
    """Draw a stream of POSTS with this share: chances, truth, labels the model gives."""
    negatives = round(POSTS * share)
    of = (np.flatnonzero(pool.truth), negatives), (np.flatnonzero(~pool.truth), POSTS - negatives)
    rows = np.concatenate([rng.choice(some, size) for some, size in of])
    return pool.p_negative[rows], pool.truth[rows], pool.called[rows]


def judge_methods(pool: Scored, *, windows: int, seed: int) -> dict[str, dict[str, Any]]:
    """Every method at every true share, on the same windows."""
    rng = np.random.default_rng(seed)
    found: dict[str, dict[str, list[tuple[float, Interval]]]] = {}
    for share in SHARES:
        for _ in range(windows):
            p, y, called = resampled(pool, share, rng)
            at, strata = methods.drawn(p, LABELS, rng)
            simple = rng.choice(len(p), LABELS, replace=False)
            adjusted = methods.probabilistic_adjusted(p, simple, y)
            told = {
                "ours": methods.ours(p, y, at),
                "without labels": methods.unlabelled(p),
                "counting": Interval(called.mean(), np.nan, np.nan),
                "labels alone, Wilson": methods.wilson(simple, y),
                "prediction-powered": methods.prediction_powered(p, strata, at, y),
                "ACC, Lang-Reiczigel": methods.lang_reiczigel(called, simple, y),
                "PACC": Interval(adjusted, np.nan, np.nan),
            }
            for name, one in told.items():
                by_share = found.setdefault(name, {})
                by_share.setdefault(f"{share:.2f}", []).append((y.mean(), one))
    return {
        name: {share: _figures(some) for share, some in by_share.items()}
        | {"all": _figures([one for some in by_share.values() for one in some])}
        for name, by_share in found.items()
    }


def judge_sizes(pool: Scored, *, windows: int, seed: int) -> dict[str, Any]:
    """What so many labels buy, over all true shares."""
    rng = np.random.default_rng(seed)
    found: dict[str, Any] = {}
    for labels in (10, 20, 50, 100, 200):
        told, enough = [], 0
        for share in SHARES:
            for _ in range(windows):
                p, y, _ = resampled(pool, share, rng)
                at, _ = methods.drawn(p, labels, rng)
                told.append((y.mean(), methods.ours(p, y, at)))
                given = methods.labelled(p, y, at, inside=True)
                enough += is_enough(methods.window_of(p, y, at), given)
        found[str(labels)] = _figures(told) | {"enough": round(enough / len(told), 3)}
    return found


def judge_days(stream: Scored, *, repeats: int, seed: int) -> dict[str, Any]:
    """A day's share by labels of the days before it, beside no labels."""
    rng = np.random.default_rng(seed)
    told: dict[str, list[tuple[float, Interval]]] = {"corrected": [], "without labels": []}
    days = 0
    for now, before in _days(stream):
        p, y = stream.p_negative[now], stream.truth[now]
        days += 1
        told["without labels"].append((y.mean(), methods.unlabelled(p)))
        for _ in range(repeats):
            at, _ = methods.drawn(stream.p_negative[before], LABELS, rng)
            rows = before[at]
            given = methods.labelled(stream.p_negative, stream.truth, rows, inside=False)
            one = corrected_share(methods.window_of(p, y, np.zeros(0, int)), given)
            told["corrected"].append((y.mean(), Interval(one.share, one.lower, one.upper)))
    return {name: _figures(some) for name, some in told.items()} | {"days": days}


def _days(stream: Scored) -> Iterator[tuple[Any, Any]]:
    for name in sorted(set(stream.streams.tolist())):
        mine = stream.streams == name
        for day in sorted(set(stream.days[mine].tolist())):
            now = np.flatnonzero(mine & (stream.days == day))
            before = np.flatnonzero(mine & (stream.days < day))
            if len(now) >= DAY_POSTS and len(before) >= 2 * LABELS:
                yield now, before


def judge_topics(stream: Scored, *, repeats: int, seed: int) -> dict[str, Any]:
    """Each topic's share: counted, averaged, by labels of all topics, by labels of its own."""
    rng = np.random.default_rng(seed)
    names = sorted(set(stream.streams.tolist()))
    told: dict[str, list[tuple[float, Interval, int]]] = {}
    for _ in range(repeats):
        at, _ = methods.drawn(stream.p_negative, LABELS, rng)
        pooled = methods.labelled(stream.p_negative, stream.truth, at, inside=False)
        for name in names:
            topic = stream.where(stream.streams == name)
            for way, one in _topic_ways(topic, pooled, rng).items():
                told.setdefault(way, []).append((topic.truth.mean(), one, len(topic.truth)))
    return {way: _topic_figures(some) for way, some in told.items()} | {"topics": len(names)}


def _topic_ways(
    topic: Scored, pooled: Sequence[Any], rng: np.random.Generator
) -> dict[str, Interval]:
    p, y = topic.p_negative, topic.truth
    nobody = methods.window_of(p, y, np.zeros(0, int))
    by_all = corrected_share(nobody, pooled)
    ways = {
        "counting": Interval(topic.called.mean(), np.nan, np.nan),
        "averaging (without labels)": methods.unlabelled(p),
        "100 labels of all topics": Interval(by_all.share, np.nan, np.nan),
    }
    if len(y) >= 5:
        at, _ = methods.drawn(p, len(y) // 5, rng)
        ways["a fifth of its posts labelled"] = methods.ours(p, y, at)
    if len(y) > LABELS:
        at, _ = methods.drawn(p, LABELS, rng)
        ways["100 of its own (topics of more)"] = methods.ours(p, y, at)
        ways["counting, the same topics"] = ways["counting"]
        ways["averaging, the same topics"] = ways["averaging (without labels)"]
    return ways


def _topic_figures(told: Sequence[tuple[float, Interval, int]]) -> dict[str, Any]:
    divergence = [_divergence(true, one.share, posts) for true, one, posts in told]
    return _figures([(true, one) for true, one, _ in told]) | {
        "kld": round(float(np.mean(divergence)), 4)
    }


def _divergence(true: float, told: float, posts: int) -> float:
    """Kullback-Leibler divergence of two shares, each smoothed by half a post."""
    least = 1 / (2 * posts)
    a, b = ((one + least) / (1 + 2 * least) for one in (true, told))
    return float(a * np.log(a / b) + (1 - a) * np.log((1 - a) / (1 - b)))


def _figures(told: Sequence[tuple[float, Interval]]) -> dict[str, Any]:
    truth = np.array([true for true, _ in told])
    share, lower, upper = np.array([one for _, one in told]).T
    found: dict[str, Any] = {
        "windows": len(told),
        "error": round(float(np.abs(share - truth).mean()), 4),
        "bias": round(float((share - truth).mean()), 4),
    }
    if not np.isnan(lower).any():
        hair = 1e-9
        within = (lower - hair <= truth) & (truth <= upper + hair)
        found |= {
            "covered": round(float(within.mean()), 4),
            "width": round(float((upper - lower).mean()), 4),
        }
    return found


def measure(data: Path, *, windows: int) -> dict[str, Any]:
    """All figures."""
    validation = scored(read_validation_stream(data))
    airline = scored(read_airlines(data))
    tweets = read_topics(data)
    topics, fitted = scored(tweets), cross_fitted(tweets)
    pools: Mapping[str, tuple[Scored, Scored]] = {
        "validation": halves(validation, "validation"),
        "airline": halves(airline, "airline"),
    }
    methods_a, methods_b = (
        {
            name: judge_methods(pair[half], windows=windows, seed=seed)
            for name, pair in pools.items()
        }
        for half, seed in ((0, SEED_A), (1, SEED_B))
    )
    topics_b = halves(topics, "topics")[1]
    judged: Mapping[str, Callable[[], Any]] = {
        "sizes": lambda: {
            name: judge_sizes(pair[1], windows=max(1, windows // 4), seed=SEED_B)
            for name, pair in pools.items()
        },
        "days": lambda: judge_days(pools["airline"][1], repeats=10, seed=SEED_B),
        "topics": lambda: judge_topics(topics_b, repeats=3, seed=SEED_B),
        "topics_cross_fitted": lambda: judge_topics(
            halves(fitted, "topics")[1], repeats=3, seed=SEED_B
        ),
    }
    return {
        "schema": 1,
        "date": datetime.now(UTC).date().isoformat(),
        "model": msgspec.json.decode((ENGLISH / "card.json").read_bytes())["version"],
        "posts": POSTS,
        "labels": LABELS,
        "topics_seen": round(float(topics.seen.mean()), 4),
        "streams": {
            name: _stream(one)
            for name, one in (("validation", validation), ("airline", airline), ("topics", topics))
        }
        | {"topics, unseen": _stream(topics.where(~topics.seen))},
        "allowance": allowance(halves(topics, "topics")[0], pools["airline"][0]),
        "chosen_on": methods_a,
        "reported": methods_b,
    } | {name: judge() for name, judge in judged.items()}


def _stream(one: Scored) -> dict[str, Any]:
    return {
        "posts": len(one.truth),
        "true": round(float(one.truth.mean()), 4),
        "mean_probability": round(float(one.p_negative.mean()), 4),
        "counted": round(float(one.called.mean()), 4),
    }


def main() -> None:
    """Measure, write and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds tweeteval, airline, target")
    parser.add_argument("--windows", type=int, default=200, help="a method and true share")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    found = measure(options.data, windows=options.windows)
    options.out.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    print("\n\n".join(tables(found)))


if __name__ == "__main__":
    main()
