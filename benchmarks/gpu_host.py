"""What the host does for a GPU: posts a second of one core, step by step, no model, no Kafka."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from processors.torch_batches import Padding
from processors.torch_budget import TokenBudget
from processors.torch_device_double import DoubleDevice
from processors.torch_reader import Reader
from processors.torch_text import Coder

CALL: Final = 4_000
MESSAGE: Final = 200


def host_rates(tokenizer: Any, texts: Sequence[str], *, longest: int) -> dict[str, object]:
    """Posts a second of processor time of each step, and of all together.

    Without msgspec only tokens can be made, and the result says so. One core is meant: set
    RAYON_NUM_THREADS=1 before the first text is tokenised.
    """
    coder = Coder(tokenizer, longest=longest)
    padding = Padding(coder.padding, 8, longest)
    reader = Reader(DoubleDevice(), coder, TokenBudget(16_384), padding=padding, outputs=3)
    texts = list(texts)
    seconds = {"tokenise, sort, pad": _seconds(lambda: _in_calls(reader, texts))}
    missing = ""
    try:
        seconds |= _around(texts)
    except ModuleNotFoundError as error:
        missing = f"decode, clean, answer and encode need {error.name}, which is not installed"
    rates: dict[str, object] = {
        step: round(len(texts) / taken) for step, taken in seconds.items() if taken
    }
    if missing:
        return {"posts_per_core_second": rates, "missing": missing}
    whole = len(texts) / sum(seconds.values())
    return {"posts_per_core_second": rates | {"all": round(whole)}}


def cores_for(host: Mapping[str, object], posts_per_second: float) -> float | None:
    """Cores that feed a GPU which reads so many posts; None where not all steps were measured."""
    rates = host["posts_per_core_second"]
    assert isinstance(rates, Mapping)
    return round(posts_per_second / rates["all"], 2) if "all" in rates else None


def _around(texts: Sequence[str]) -> dict[str, float]:
    import numpy as np

    from benchmarks.gpu_models import LABELS
    from processors.clean import model_text
    from processors.label_map import LabelMap
    from processors.records import CleanPost, ScoredPost
    from processors.score import CachedScorer
    from processors.score_constant import ConstantScorer
    from processors.score_torch import sentiments
    from streams.wire import decoder, encode

    posts = _posts(texts)
    messages = [
        value for start in _starts(posts) for value in encode(posts[start : start + MESSAGE])
    ]
    decode = decoder(CleanPost).decode
    logits = np.random.default_rng(0).normal(size=(len(texts), len(LABELS)))
    label_map = LabelMap(labels=LABELS)
    said: list[Any] = []

    def answer() -> None:
        languages, broken = ["en"] * len(texts), [0.1] * len(texts)
        said[:] = sentiments(label_map, logits, languages, broken, version="benchmark")

    def write() -> None:
        at = posts[0].received_at
        for start in _starts(posts):
            pairs = zip(posts[start : start + MESSAGE], said[start : start + MESSAGE], strict=True)
            list(encode([ScoredPost(post=p, sentiment=s, scored_at=at) for p, s in pairs]))

    cache = CachedScorer(ConstantScorer())
    return {
        "decode": _seconds(lambda: [decode(value) for value in messages]),
        # The cache's key, and what a scorer that answers nothing makes of it.
        "clean, look up": _seconds(lambda: cache.score(texts), again=False)
        + _seconds(lambda: [model_text(text, emoji="keep") for text in texts]),
        "answer": _seconds(answer),
        "encode": _seconds(write),
    }


def _posts(texts: Sequence[str]) -> list[Any]:
    from datetime import UTC, datetime

    from processors.records import CleanPost

    at = datetime(2026, 11, 28, 12, tzinfo=UTC)
    return [
        CleanPost(
            post_id=f"x:{number}",
            feed="t/0",
            position=number,
            source="x",
            author=f"{number:032x}",
            followers=number,
            url=f"https://example.com/{number}",
            text=text,
            key_text=text,
            lang="en",
            brands=("Acme",),
            published_at=at,
            received_at=at,
            is_repost=False,
            cluster_id=2**63 + number,
            is_duplicate=False,
            is_spam=False,
        )
        for number, text in enumerate(texts)
    ]


def _starts(posts: Sequence[object]) -> Iterator[int]:
    return iter(range(0, len(posts), MESSAGE))


def _in_calls(reader: Reader, texts: Sequence[str]) -> None:
    for start in range(0, len(texts), CALL):
        reader.read(texts[start : start + CALL])


def _seconds(work: Callable[[], object], *, again: bool = True) -> float:
    """Of processor time: of three times the middle one, or of the first where it remembers."""
    taken = []
    for _ in range(3 if again else 1):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return sorted(taken)[len(taken) // 2]
