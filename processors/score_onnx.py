"""Scoring on the CPU with onnxruntime: many times as fast as a `transformers` pipeline.

What makes it fast: 8-bit weights, each distinct text once, tokens of many at a time, every text by
itself on a thread of its own, and no more layers than a text needs: where the first exit of the
model is sure, the layers behind it are not run. 8-bit arithmetic scales its
inputs by the largest one it sees, so in a batch a text's answer would move with its neighbours
(measured: 2 % of labels), and no count would come out the same twice. One at a time, nothing is
padded and threads share nothing: on two cores that is as fast as batches of 1,024 tokens on two
threads (measured). Texts go in step through a part of the layers, so that its weights are read once
for many of them. In Python there is little left to save: of a text's time 3 % are tokens and 1 %
the head and the shares; half is the bare multiplying of 8-bit matrices (`benchmarks.scorer`).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from processors.clean import model_text
from processors.model_card import LABELS, Calibration, Card
from processors.model_folder import open_folder
from processors.records import UNKNOWN_LANGUAGE, Sentiment
from processors.score import languages_of, silent

CHUNK = 32
"""Most texts that a thread takes at a time: they go through the layers of an exit one after the
other, whose weights are then at hand for all but the first. Measured beside others' work: half as
many take 1.08 times as long a text, one by one 1.5 times."""
LEAST = 4
"""Fewest, towards the end, where all threads should end together."""
AHEAD = 128
"""Texts made into tokens at a time: those before are read meanwhile."""

T = TypeVar("T")
Coded = tuple[Encoding, str]
"""The tokens of a text, and its language."""
Floats = NDArray[np.float64]


class Reading(NamedTuple):
    """What the model made of a text: the exit that answered, its features (width,), logits (3,)."""

    exit: int
    features: NDArray[np.float32]
    logits: Floats


class OnnxScorer:
    """A `Scorer` for a model folder (`processors.model_card`), on `threads` CPU threads.

    A text's answer depends on the text and its language alone. `early_exits=False` runs all layers
    for every text, to measure what the exits save. Raises ModelError when the folder
    cannot be used.
    """

    def __init__(self, model: Path, *, threads: int, early_exits: bool = True) -> None:
        folder = open_folder(model)
        self.card: Card = folder.card
        self._tokenizer = folder.tokenizer
        self._unknown = folder.unknown
        self._exits = folder.exits
        self._early = early_exits
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="score")

    @property
    def version(self) -> str:
        return self.card.version

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        asked = [
            (model_text(text, emoji=self.card.emoji), language)
            for text, language in zip(texts, languages_of(texts, languages), strict=True)
        ]
        distinct = list(dict.fromkeys(one for one in asked if one[0]))
        results = dict(zip(distinct, self._each(distinct, self._sentiments), strict=True))
        nothing = silent(self.version)
        return [results.get(one, nothing) for one in asked]

    def read(
        self, texts: Sequence[str], languages: Sequence[str], *, answer_at: int | None = None
    ) -> list[Reading]:
        """Return what the model makes of model texts, none of them empty.

        `answer_at`: the exit that has to answer, sure or not; left out, the first that is sure.
        """

        def readings(some: Sequence[Coded]) -> list[Reading]:
            return self._read(some, answer_at)

        return self._each(list(zip(texts, languages, strict=True)), readings)

    def _each(
        self, asked: Sequence[tuple[str, str]], answer: Callable[[Sequence[Coded]], Sequence[T]]
    ) -> list[T]:
        """What `answer` says of each text and language, asked on all threads.

        Whatever there is to do for a text is done by its thread: while one waits for Python, the
        other multiplies. Tokens of the next texts are made meanwhile.
        """
        given: list[tuple[list[int], Future[Sequence[T]]]] = []
        found: dict[int, T] = {}
        try:
            for start in range(0, len(asked), AHEAD):
                some = asked[start : start + AHEAD]
                coded = self._tokenizer.encode_batch([text for text, _ in some])
                # The longest first: what is left for the end is short.
                order = sorted(range(len(some)), key=lambda row: -len(coded[row].ids))
                while order:
                    left = len(asked) - start - len(some) + len(order)
                    size = max(LEAST, min(CHUNK, left // (2 * self._threads)))
                    rows, order = order[:size], order[size:]
                    work = self._pool.submit(answer, [(coded[row], some[row][1]) for row in rows])
                    given.append(([start + row for row in rows], work))
            for rows, work in given:
                found.update(zip(rows, work.result(), strict=True))
        finally:
            for _, work in given:
                work.cancel()  # after an error: nobody waits for what has not begun
        return [found[row] for row in range(len(asked))]

    def _sentiments(self, some: Sequence[Coded]) -> list[Sentiment]:
        # Of what the vocabulary has nothing of, the model can say no more than of a link.
        known = [each for each in some if _knows(each[0], self._unknown)]
        readings = iter(self._read(known, None))
        return [
            self._sentiment(next(readings), language, one)
            if _knows(one, self._unknown)
            else silent(self.version, oov=1.0)
            for one, language in some
        ]

    def _read(self, some: Sequence[Coded], answer_at: int | None) -> list[Reading]:
        """Exit by exit for all of them, and not text by text: see CHUNK.

        Python's own steps come after all runs of an exit too: weights push all else out of the
        processor's caches, and a step between two runs takes several times as long (measured:
        6 % of a text's time in all).
        """
        states: list[dict[str, Any]] = [{"ids": np.array([one.ids], np.int64)} for one, _ in some]
        readings: dict[int, Reading] = {}
        left = list(range(len(some)))
        last = len(self._exits) - 1
        if answer_at is not None:
            last = min(last, answer_at)
        for index, (session, weight, bias) in enumerate(self._exits[: last + 1]):
            given = [session.run(None, states[row]) for row in left]
            if index == last or (answer_at is None and self._early):
                for row, (features, *_) in zip(left, given, strict=True):
                    logits = weight @ features[0].astype(np.float64) + bias
                    reading = Reading(index, features[0], logits)
                    if index == last or self._sure(reading, some[row][1]):
                        readings[row] = reading
            if index < last:
                for row, (_, hidden) in zip(left, given, strict=True):
                    states[row] = {"hidden": hidden}
                left = [row for row in left if row not in readings]
        return [readings[row] for row in range(len(some))]

    def _sure(self, reading: Reading, language: str) -> bool:
        shares = self._shares(reading, language)
        return bool(shares.max() >= self.card.exits[reading.exit].answers_from)

    def _shares(self, reading: Reading, language: str) -> Floats:
        return probabilities(reading.logits, self.card.exits[reading.exit].calibration_of(language))

    def _sentiment(self, reading: Reading, language: str, coded: Encoding) -> Sentiment:
        shares: list[float] = self._shares(reading, language).tolist()
        likeliest = max(shares)
        # Six digits are more than the model knows, and keep messages short.
        negative, neutral, positive = (round(share, 6) for share in shares)
        return Sentiment(
            LABELS[shares.index(likeliest)],
            negative,
            neutral,
            positive,
            self.version,
            abstained=likeliest < self.card.abstain_below or not self._reads(language),
            oov=round(_broken(coded, self._unknown), 3),
        )

    def _reads(self, language: str) -> bool:
        # Who cannot tell the language may still be reading one of these.
        known = self.card.languages
        return not known or language in (*known, UNKNOWN_LANGUAGE)


def probabilities(logits: Floats, calibration: Calibration) -> Floats:
    """Return class probabilities from logits, both (..., 3)."""
    scaled = logits / calibration.temperature + np.array(calibration.offsets)
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _knows(coded: Encoding, unknown: int | None) -> bool:
    """Whether the vocabulary has any piece of the text."""
    pieces = zip(coded.ids, coded.word_ids, strict=True)
    return any(word is not None and piece != unknown for piece, word in pieces)


def _broken(coded: Encoding, unknown: int | None) -> float:
    """Share of words that the vocabulary holds only in pieces, or not at all."""
    words: dict[int, int] = {}
    for piece, word in zip(coded.ids, coded.word_ids, strict=True):
        if word is not None:
            words[word] = words.get(word, 0) + (2 if piece == unknown else 1)
    return sum(pieces > 1 for pieces in words.values()) / max(1, len(words))
