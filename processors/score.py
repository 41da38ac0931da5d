"""Sentiment of posts: what a scorer promises, and a memory of scores already given.

    ModelError      a model that cannot be used; names the file, in one line
    AnswerError     a scorer answered what is no sentiment
    Scorer          the contract
    checked         its answers, once they are seen to be some
    CachedScorer    a Scorer that asks another one only about texts it has not seen lately
    load_scorer     the Scorer for a setting, with a memory

The stage cleans, dedupes and batches by itself: callers hand over posts as published.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Final, Protocol, get_args

from processors.clean import model_text
from processors.records import UNKNOWN_LANGUAGE, Label, Sentiment
from processors.torch_options import TorchOptions

CACHE_ENTRIES = 100_000
LABELS: Final = frozenset(get_args(Label))
MOST_OFF: Final = 0.01
"""What three probabilities may lack to 1: models round."""


class ModelError(Exception):
    """A model is incomplete or damaged. The message is one line and names the file."""


class ModelMemoryError(ModelError, MemoryError):
    """There is no memory for a model; who takes it may give it back."""


class AnswerError(Exception):
    """A scorer's answer is no sentiment: not a number, out of range, or not one a text."""


class Scorer(Protocol):
    """Gives the sentiment of texts.

    `score` returns one result a text, in the order of `texts`, and has an answer for
    every `str`: it raises nothing. A text's answer depends on the text and its language
    alone, never on its neighbours. A text with nothing left to read (a link only, one letter
    without end) is neutral with probability 1, and abstained: who says nothing adds to no side.
    It blocks while it computes, may be called from any thread, and knows nothing of brands or
    time.
    """

    @property
    def version(self) -> str:
        """Name of the model, as found in `Sentiment.model`."""
        ...

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        """Return one result a text.

        `languages`: of each text, ISO 639-1 or `und`, as `processors.language` gives it; all
        `und` if left out.
        """
        ...


def silent(model: str, *, oov: float = 0.0) -> Sentiment:
    """Return the result for a text in which there is nothing to read."""
    return Sentiment("neutral", 0.0, 1.0, 0.0, model, abstained=True, oov=oov)


def languages_of(texts: Sequence[str], languages: Sequence[str] | None) -> Sequence[str]:
    """Return the language of each text; `und` where nobody said."""
    return [UNKNOWN_LANGUAGE] * len(texts) if languages is None else languages


def one_by_one(
    texts: Sequence[str],
    languages: Sequence[str] | None,
    score_one: Callable[[str, str], Sentiment],
    *,
    model: str,
) -> list[Sentiment]:
    """Return what `score_one` says of each model text, emoji kept, and its language.

    It is not asked about a text in which there is nothing to read.
    """
    return [
        score_one(read, language) if (read := model_text(text, emoji="keep")) else silent(model)
        for text, language in zip(texts, languages_of(texts, languages), strict=True)
    ]


def portion_of(scorer: Scorer) -> int | None:
    """Return how many texts a call should have, where the scorer has a `portion` that says so."""
    return getattr(scorer, "portion", None)


def checked(answers: Sequence[Sentiment], texts: Sequence[str]) -> Sequence[Sentiment]:
    """Return the answers. Raises AnswerError unless there is one for each of `texts`, of three
    probabilities that add up to 1, with a label that exists."""
    if len(answers) != len(texts):
        raise AnswerError(f"{len(answers)} answers to {len(texts)} texts")
    for answer in answers:
        if not isinstance(answer, Sentiment):
            raise AnswerError(f"{type(answer).__name__} instead of a sentiment")
        shares = (answer.p_negative, answer.p_neutral, answer.p_positive)
        # Written so that NaN, which compares to nothing, is refused.
        fits = all(0 <= share <= 1 for share in (*shares, answer.oov))
        if not fits or not abs(sum(shares) - 1) <= MOST_OFF or answer.label not in LABELS:
            raise AnswerError(f"{answer.label} {shares}, oov {answer.oov}: no sentiment")
    return answers


class CachedScorer:
    """Reuses the score of a text that is exactly the same and of the same language.

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

    @property
    def portion(self) -> int | None:
        """As `portion_of` has it."""
        return portion_of(self._scorer)

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        asked = list(zip(texts, languages_of(texts, languages), strict=True))
        keys = [_key(text, language) for text, language in asked]
        found: dict[bytes, Sentiment] = {}
        unknown: dict[bytes, tuple[str, str]] = {}
        with self._lock:
            for key, one in zip(keys, asked, strict=True):
                if key in self._seen:
                    self._seen.move_to_end(key)
                    found[key] = self._seen[key]
                elif key not in unknown:
                    unknown[key] = one
            self.misses += len(unknown)
            self.hits += len(keys) - len(unknown)
        new = list(unknown.values())
        unseen = [text for text, _ in new]
        given = checked(self._scorer.score(unseen, languages=[code for _, code in new]), unseen)
        fresh = dict(zip(unknown, given, strict=True))
        with self._lock:
            self._seen.update(fresh)
            while len(self._seen) > self._entries:
                self._seen.popitem(last=False)
        found.update(fresh)
        return [found[key] for key in keys]


def _key(text: str, language: str) -> bytes:
    # Emoji kept: what one model drops another reads.
    read = model_text(text, emoji="keep")
    return blake2b(f"{language}\0{read}".encode(), digest_size=16).digest()


def load_scorer(
    model: str,
    *,
    threads: int,
    english: Path | None = None,
    torch: TorchOptions = TorchOptions(),  # noqa: B008 - it is frozen
) -> Scorer:
    """Return a cached scorer for a setting; ModelError if it cannot be used.

    `model`: `auto` (English posts to the English model, others to the one of many languages, where
    that is installed), `english`, `languages`, `hf:NAME` (a model of Hugging Face, by name),
    `py:MODULE:FUNCTION` (a scorer of your own: the function is given the number of threads), or the
    folder of a model, ours or of Hugging Face. `torch`: how one of Hugging Face is run.
    """
    # Here and not above: whoever only needs the contract does not pay for onnxruntime.
    from processors.models import open_model

    return CachedScorer(open_model(model, threads=threads, english=english, torch=torch))
