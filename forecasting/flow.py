"""One source's flow of posts: does it run as usual, stall, or catch up? A fold over buckets."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from forecasting.counted_by import FlowCount

# Usual is the lower of two means, in buckets of half-life: an hour follows the night, and a day is
# not carried away by a burst.
FAST: Final = 0.5 ** (1 / 12)
SLOW: Final = 0.5 ** (1 / 288)
KNOWN: Final = 12  # buckets with posts from which on something is usual
LOW: Final = 0.2  # of what is usual: a platform does not lose more of its crowd in an hour
HIGH: Final = 2.0
# The chance that a fifth or less of so many come by themselves is below 1e-9 for independent posts,
# and still below 1e-3 for posts that come in fives.
ENOUGH: Final = 30.0
GONE: Final = 144  # buckets of a stall after which a source is no longer waited for

Mark = Literal["flows", "stalls", "catches up", "gone"]
NOTHING_TOLD: Final[Mapping[str, Mark]] = {}


class Flow(Struct, frozen=True):
    """One source: its two means as weighted sums, and the fall that it is in."""

    fast: float = 0.0
    fast_weight: float = 0.0
    slow: float = 0.0
    slow_weight: float = 0.0
    known: int = 0
    low: int = 0  # buckets in a row below what is usual
    expected: float = 0.0  # posts that should have come in them
    came: int = 0  # posts that did
    missing: float = 0.0  # of a stall: what may come later

    @property
    def usual(self) -> float:
        """Posts a bucket, 0 while too little is known."""
        if self.known < KNOWN:
            return 0.0
        return min(self.fast / self.fast_weight, self.slow / self.slow_weight)


def follow(flow: Flow, count: int) -> tuple[Flow, Mark]:
    """One bucket of one source."""
    usual = flow.usual
    if usual and count < LOW * usual:
        low, expected = flow.low + 1, flow.expected + usual
        fallen = replace(flow, low=low, expected=expected, came=flow.came + count)
        if expected < ENOUGH:
            return fallen, "flows"
        mark: Mark = "gone" if low >= GONE else "stalls"
        return replace(fallen, missing=expected), mark
    if flow.missing > 0 and count > HIGH * usual:
        missing = flow.missing - count + usual
        return replace(flow, low=0, expected=0.0, came=0, missing=missing), "catches up"
    if flow.low and flow.expected < ENOUGH:  # no stall: else a slow source has only full buckets
        flow = _learnt(flow)
    return (
        Flow(
            fast=flow.fast * FAST + count,
            fast_weight=flow.fast_weight * FAST + 1,
            slow=flow.slow * SLOW + count,
            slow_weight=flow.slow_weight * SLOW + 1,
            known=min(flow.known + 1, KNOWN),
        ),
        "flows",
    )


def _learnt(flow: Flow) -> Flow:
    """With the low buckets that were no stall, as if each had its share of what came in them."""
    fast, slow = FAST**flow.low, SLOW**flow.low
    mean = flow.came / flow.low
    fast_new, slow_new = (1 - fast) / (1 - FAST), (1 - slow) / (1 - SLOW)
    return replace(
        flow,
        fast=flow.fast * fast + mean * fast_new,
        fast_weight=flow.fast_weight * fast + fast_new,
        slow=flow.slow * slow + mean * slow_new,
        slow_weight=flow.slow_weight * slow + slow_new,
    )


def follow_all(
    flows: dict[str, Flow], counts: Iterable[FlowCount], told: Mapping[str, Mark] = NOTHING_TOLD
) -> dict[str, Mark]:
    """Move all sources on by a bucket; the marks of those that do not simply flow.

    `told` are marks of sources that know it of themselves; what they count is not learnt from.
    """
    posts: dict[str, int] = dict.fromkeys(flows, 0)
    for one in counts:
        posts[one.source] = posts.get(one.source, 0) + one.posts
    marks: dict[str, Mark] = dict(told)
    for source, count in posts.items():
        if source in told:
            continue
        flows[source], mark = follow(flows.get(source, Flow()), count)
        if mark != "flows":
            marks[source] = mark
    return marks
