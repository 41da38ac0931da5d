"""How good scores are, against labels: `groundswell evaluate`.

quality     the few numbers that a model's card holds
evaluate    everything there is to tell of a model on labelled posts
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from processors.checks.attacks import Attack
from processors.labelled import APART, Labelled
from processors.measures import (
    Measures,
    confusion,
    macro_f1,
    macro_recall,
    measures,
    quality_of,
    resamples,
)
from processors.model_card import LABELS, FailureRate, Quality, Shift
from processors.records import Label, Sentiment
from processors.score import Scorer

BATCH: Final = 512
"""Posts of one call: enough for threads to end together, few enough to show progress."""
INTERVAL: Final = (2.5, 97.5)


class DataFile(Struct, frozen=True, kw_only=True):
    """A file that was judged by."""

    name: str
    sha256: str


class Headline(Struct, frozen=True, kw_only=True):
    """The one figure, with its 95 % bootstrap interval."""

    measure: str
    value: float
    low: float
    high: float


class Speed(Struct, frozen=True, kw_only=True):
    """Scoring alone, without reading files."""

    posts_per_cpu_second: float
    cpu_seconds: float
    threads: int
    machine: str


class Part(Struct, frozen=True, kw_only=True):
    """How good a model is on one set of data."""

    files: tuple[DataFile, ...]
    headline: Headline
    overall: Measures
    by_language: dict[str, Measures]
    apart: dict[str, Measures] = {}  # languages whose labels are not to be trusted


class Evaluation(Struct, frozen=True, kw_only=True):
    """What `groundswell evaluate --json` prints. Fields are added, never changed."""

    schema: int = 1
    date: str  # ISO 8601
    groundswell: str  # version of the package
    model: str  # version of the model
    data: dict[str, Part]  # by name of the file or folder
    speed: Speed
    robustness: dict[str, FailureRate] = {}  # by capability
    bias: dict[str, Shift] = {}  # by group
    attacks: dict[str, Attack] = {}  # by edit


class Judged(NamedTuple):
    """Results beside the posts they are of, and the CPU seconds that all threads took."""

    rows: Sequence[Labelled]
    results: list[Sentiment]
    cpu_seconds: float


def judge(
    scorer: Scorer,
    rows: Sequence[Labelled],
    *,
    cpu_clock: Callable[[], float],
    language: Callable[[Labelled], str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Judged:
    """Score `rows`; `progress` is told how many posts a batch had.

    `language`: what the scorer is told of a row's language, if it is not what the row says.
    """
    languages = [row.language if language is None else language(row) for row in rows]
    scorer.score([row.text for row in rows[:1]], languages=languages[:1])  # the first is slow
    results: list[Sentiment] = []
    began = cpu_clock()
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        results += scorer.score(
            [row.text for row in some], languages=languages[start : start + BATCH]
        )
        if progress is not None:
            progress(len(some))
    return Judged(rows, results, cpu_clock() - began)


def part(judged: Judged, files: Iterable[DataFile], *, seed: int) -> Part:
    """Return what there is to tell of one set; `seed` of the bootstrap. ValueError if empty."""
    if not judged.rows:
        raise ValueError("there is nothing to compare")
    return Part(
        files=tuple(files),
        headline=headline(judged, seed=seed),
        overall=overall(judged),
        by_language=by_language(judged),
        apart=by_language(judged, apart=True),
    )


def speed(judged: Iterable[Judged], *, threads: int, machine: str) -> Speed:
    """Return how fast all of it was scored."""
    every = list(judged)
    posts = sum(len(one.rows) for one in every)
    seconds = sum(one.cpu_seconds for one in every)
    return Speed(
        posts_per_cpu_second=round(posts / max(seconds, 1e-9), 1),
        cpu_seconds=round(seconds, 2),
        threads=threads,
        machine=machine,
    )


def by_language(judged: Judged, *, apart: bool = False) -> dict[str, Measures]:
    """Return the measures of each language; of those `apart`, or of all the others."""
    return {code: measures(*pair) for code, pair in _pairs(judged, apart=apart).items()}


def overall(judged: Judged) -> Measures:
    """Return the measures over all posts but those apart; over all where there are no others."""
    return measures(*_together(_pairs(judged).values() or _pairs(judged, apart=True).values()))


def headline(judged: Judged, *, seed: int) -> Headline:
    """Return macro recall for one language, mean macro F1 over languages for several."""
    pairs = _pairs(judged) or _pairs(judged, apart=True)
    tables = [confusion(*pair) for pair in pairs.values()]
    several = len(tables) > 1
    measure = macro_f1 if several else macro_recall
    drawn = [measure(resamples(table, seed=seed + index)) for index, table in enumerate(tables)]
    low, high = np.percentile(np.mean(drawn, axis=0), INTERVAL)
    return Headline(
        measure="macro F1, mean over languages" if several else "macro recall",
        value=float(np.mean([measure(table) for table in tables])),
        low=float(low),
        high=float(high),
    )


def quality(labels: Sequence[Label], results: Sequence[Sentiment]) -> Quality:
    """Compare `results` with the true `labels`, one each, at least one (else ValueError).

    A class without a true label is left out of the macro recall, and a class that
    neither occurs nor is given out of the macro F1. Sources: `processors.measures`.
    """
    return quality_of(measures(labels, results))


Pair = tuple[list[Label], list[Sentiment]]


def _pairs(judged: Judged, *, apart: bool = False) -> Mapping[str, Pair]:
    found: dict[str, Pair] = defaultdict(lambda: ([], []))
    for row, result in zip(judged.rows, judged.results, strict=True):
        if (row.split == APART) is apart:
            found[row.language][0].append(LABELS[row.label])
            found[row.language][1].append(result)
    return found


def _together(pairs: Iterable[Pair]) -> Pair:
    labels: list[Label] = []
    results: list[Sentiment] = []
    for some, given in pairs:
        labels += some
        results += given
    return labels, results
