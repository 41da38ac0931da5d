"""The live model may change while the line runs: between two batches, without a restart."""

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from infra.metrics import Meter
from infra.model_registry import Registry
from processors.model_folder import read_card
from processors.models import ENGLISH
from processors.records import Sentiment
from processors.score import ModelError, Scorer

Open = Callable[[Path | None], Scorer]
log = structlog.get_logger()


class SwappingScorer:
    """A `Scorer` that looks before each call whether another model went live.

    One that cannot be used is passed over with a line in the log, and the one before stays; there
    is always one. Opening takes about a second, and the memory of two models for as long.
    """

    def __init__(self, registry: Registry, open_scorer: Open, meter: Meter) -> None:
        """`open_scorer`: from the folder of the English model, None for the shipped one.

        Raises ModelError if even the shipped one cannot be used.
        """
        self._registry = registry
        self._open = open_scorer
        self._meter = meter
        self._stamp = registry.stamp()
        self._scorer = self._opened() or open_scorer(None)

    @property
    def version(self) -> str:
        return self._scorer.version

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        stamp = self._registry.stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._scorer = self._opened() or self._scorer
        return self._scorer.score(texts, languages=languages)

    def _opened(self) -> Scorer | None:
        try:
            folder = live_english(self._registry)
            scorer = self._open(folder)
        except ModelError as error:
            self._meter.event("model_refused")
            log.error("model refused", stage="score", error=str(error))
            return None
        if folder is not None or hasattr(self, "_scorer"):
            self._meter.event("model_changed")
            log.info("model", stage="score", model=scorer.version)
        return scorer


def live_english(registry: Registry) -> Path | None:
    """Return the folder of the live English model, None for the shipped one; ModelError."""
    if registry.stamp() is None:
        return None
    return registry.active_from(read_card(ENGLISH).version)
