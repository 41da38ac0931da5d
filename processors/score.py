"""Sentiment of posts: what a scorer promises, and a memory of scores already given.

    ModelError      a model folder that cannot be used; names the file, in one line
    Scorer          the contract; `score_onnx.OnnxScorer` is the real one
    CachedScorer    a Scorer that asks another one only about texts it has not seen lately

The stage cleans, dedupes and batches by itself: callers hand over posts as published.
"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Protocol

from processors.clean import model_text
from processors.records import Sentiment

CACHE_ENTRIES = 100_000


class ModelError(Exception):
    """A model folder is incomplete or damaged. The message is one line and names the file."""


class Scorer(Protocol):
    """Gives the sentiment of texts.

    `score` returns one result a text, in the order of `texts`, and has an answer for
    every `str`: it raises nothing. Equal texts in one call get equal results. A text
    with nothing left to read (emoji only, a link only) is neutral with probability 1:
    who says nothing adds to no side. It blocks while it computes, may be called from
    any thread, and knows nothing of brands or time.
    """

    @property
    def version(self) -> str:
        """Name of the model, as found in `Sentiment.model`."""
        ...

    def score(self, texts: Sequence[str]) -> list[Sentiment]:
        """Return one result a text."""
        ...


def silent(model: str) -> Sentiment:
    """Return the result for a text in which there is nothing to read."""
    return Sentiment("neutral", 0.0, 1.0, 0.0, model)


class CachedScorer:
    """Reuses the score of a text whose model text is exactly the same.

    Never of a near-duplicate: swapping "love" for "hate" leaves most of a text as it
    was. Keeps the `entries` texts seen last, by a 128-bit hash, so that its memory
    (about 30 MB when full) does not depend on how long posts are. `hits` and `misses`
    count texts since the start.
    """

    def __init__(self, scorer: Scorer, *, entries: int = CACHE_ENTRIES) -> None:
        if entries < 1:
            raise ValueError(f"a cache needs room for at least one text, not {entries}")
        self.hits = 0
        self.misses = 0
        self._scorer = scorer
        self._entries = entries
        self._seen: OrderedDict[bytes, Sentiment] = OrderedDict()
        self._lock = Lock()

    @property
    def version(self) -> str:
        return self._scorer.version

    def score(self, texts: Sequence[str]) -> list[Sentiment]:
        keys = [blake2b(model_text(text).encode(), digest_size=16).digest() for text in texts]
        found: dict[bytes, Sentiment] = {}
        unknown: dict[bytes, str] = {}
        with self._lock:
            for key, text in zip(keys, texts, strict=True):
                if key in self._seen:
                    self._seen.move_to_end(key)
                    found[key] = self._seen[key]
                elif key not in unknown:
                    unknown[key] = text
            self.misses += len(unknown)
            self.hits += len(keys) - len(unknown)
        # The texts as they came: cleaning is not idempotent ("&amp;lt;").
        fresh = dict(zip(unknown, self._scorer.score(list(unknown.values())), strict=True))
        with self._lock:
            self._seen.update(fresh)
            while len(self._seen) > self._entries:
                self._seen.popitem(last=False)
        found.update(fresh)
        return [found[key] for key in keys]


def load_scorer(model: Path, *, threads: int) -> Scorer:
    """Return a cached scorer for the model folder; ModelError if it cannot be used."""
    # Here and not above: whoever only needs the contract does not pay for onnxruntime.
    from processors.score_onnx import OnnxScorer

    return CachedScorer(OnnxScorer(model, threads=threads))
