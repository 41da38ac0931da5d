"""`groundswell label`: an analyst labels posts that were drawn by their score.

Every answer is on disk before the next post is shown, so that nothing is lost by Ctrl-C or a closed
window; the same command goes on where it ended, as what is labelled counts towards the number that
was asked for.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import zip_longest
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from forecasting.share import corrected_share, mean_share
from forecasting.share_draw import plan
from forecasting.share_records import ShareEstimate
from infra.share import ShareData, read_share
from infra.share_labels import SPARE, Drawn, ShareLabel, Span, draw, write_share_labels
from infra.store import Store
from infra.times import rising
from processors.records import Label
from streams.share import points

Answer = Label | Literal["skip", "undo", "quit"]


class Sample(Struct, frozen=True, kw_only=True):
    """Posts to label. `queue` takes strata in turn, so that wherever one stops, all had theirs."""

    span: Span
    queue: tuple[Drawn, ...]
    spare: dict[int, tuple[Drawn, ...]]  # stratum -> what takes the place of what is passed over
    labelled: int  # random labels in the span so far


def sample(store: Store, span: Span, *, wanted: int, seed: int) -> Sample:
    """Draw what is missing to `wanted` labels within the span. Raises StoreError."""
    read = read_share(store, span)
    labelled = sum(one.in_window for one in read.labels)
    planned = plan(read.unlabelled, wanted=max(0, wanted - labelled))
    found = draw(store, span, planned, seed=seed)
    parts = {stratum.number: stratum.wanted for stratum in planned.strata}
    turns = zip_longest(*(some[: parts[number]] for number, some in found.items()))
    return Sample(
        span=span,
        queue=tuple(one for turn in turns for one in turn if one is not None),
        spare={number: tuple(some[parts[number] :][:SPARE]) for number, some in found.items()},
        labelled=labelled,
    )


def label_posts(
    store: Store,
    drawn: Sample,
    ask: Callable[[Drawn, int, int], Answer],
    *,
    by: str,
    now: Callable[[], datetime],
) -> int:
    """Ask about each post and keep each answer at once; return how many labels were kept.

    `ask(post, number, of)`. Undo takes the last answer back and asks again; a post that is passed
    over makes room for another of its stratum. What `ask` raises goes out, with all answers kept.
    """
    waiting = list(drawn.queue)
    spare = {number: list(some) for number, some in drawn.spare.items()}
    given: list[ShareLabel] = []
    asked: list[Drawn] = []
    total = len(waiting)
    clock = rising(now)
    while waiting:
        post = waiting.pop(0)
        answer = ask(post, len(given) + 1, total)
        if answer == "quit":
            break
        if answer == "undo":
            waiting.insert(0, post)
            if given:
                write_share_labels(store, [replace(given.pop(), label="", at=clock())])
                waiting.insert(0, asked.pop())
        elif answer == "skip":
            if spare.get(post.stratum):
                waiting.append(spare[post.stratum].pop(0))
            else:
                total -= 1
        else:
            label = _label(drawn.span.brand, post, answer, by=by, at=clock())
            write_share_labels(store, [label])
            given.append(label)
            asked.append(post)
    return len(given)


def bought(before: ShareData, after: ShareData) -> str:
    """What labels did to the interval, in lines; of the same span. "" for one without posts."""
    if not after.window.posts:
        return ""
    return "\n".join(_told(name, read) for name, read in (("before", before), ("after", after)))


def _told(name: str, read: ShareData) -> str:
    labels = f"{len(read.labels)} random label{'s' * (len(read.labels) != 1)}"
    best = _best(read)
    return f"  {name + ':':8}{100 * best.share:.1f} %, {points(best)}, with {labels}"


def _best(read: ShareData) -> ShareEstimate:
    plain = mean_share(read.window)
    if plain is None or read.labels:
        return corrected_share(read.window, read.labels)
    return plain


def _label(brand: str, post: Drawn, answer: Label, *, by: str, at: datetime) -> ShareLabel:
    return ShareLabel(
        brand=brand,
        post_id=post.post_id,
        published_at=post.published_at,
        label=answer,
        stratum=post.stratum,
        probability=post.probability,
        by=by,
        at=at,
    )


def shown_text(text: str) -> str:
    r"""Return a post's text as it may go to a terminal: nothing in it moves a cursor.

    >>> shown_text("a\x1b[2Jb\nc\u202ed")
    'a·[2Jb\nc·d'
    """
    return "".join(one if one.isprintable() or one in "\n\u200d" else "·" for one in text)


def told_sample(drawn: Sample) -> str:
    """How posts were chosen, in one line."""
    return (
        f"{len(drawn.queue)} posts in {len({one.stratum for one in drawn.queue})} strata of the "
        "score, most where the model is least sure (Neyman allocation)"
    )
