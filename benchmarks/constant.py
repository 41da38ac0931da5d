"""The model taken out of the line, to see what everything else costs."""

from collections.abc import Sequence

from processors.records import Sentiment


class Constant:
    """A `Scorer` that says the same of every text."""

    version = "constant"

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        return [_ANSWER] * len(texts)


_ANSWER = Sentiment("neutral", 0.25, 0.5, 0.25, Constant.version)


def scorer(_threads: int) -> Constant:
    """For the setting `model: py:benchmarks.constant:scorer`."""
    return Constant()
