"""`groundswell rescore`: what is stored gets the scores of another model, in the background.

Old scores count until a brand is done; then all of its posts count with the new ones at once. What
is done is on disk: killed anywhere and started again it goes on, and ends with the same scores. New
posts are scored by the live model all the time, and a post that is edited or erased meanwhile is as
it was last told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from msgspec import Struct

from infra.scorings import (
    HOUR,
    Begun,
    Post,
    Waiting,
    begun_scorings,
    labels_moved,
    languages,
    newest_number,
    switch,
    switched_scorings,
    tell_begun,
    waiting_hours,
    waiting_posts,
    write_scores,
)
from infra.store import Store
from processors.score import Scorer
from processors.version import MAX_SCORING
from streams.failures import LineFailed, UsageError

PAGE: Final = 250
"""Posts read, scored and written at once: with the longest texts half of an answer's limit."""
SMALL_PASSES: Final = 3
"""Passes of less than a page before the switch: a line that scores with another model than this
one brings posts to score for ever, and what comes after the switch counts with its model too."""


class Rescored(Struct, frozen=True, kw_only=True):
    """What a scoring came to for a brand: labels of its posts before and after."""

    brand: str
    number: int
    model: str
    posts: int
    changed: dict[str, dict[str, int]]  # label before -> label now -> posts


class Pace(NamedTuple):
    """How fast: most posts a second (None: no limit), a monotonic clock, and how to wait."""

    rate: float | None
    clock: Callable[[], float]
    sleep: Callable[[float], None]


Told = Callable[[str, int, int], None]
"""Hears of a brand, how many posts are done, and of how many."""


def rescore(
    store: Store,
    scorer: Scorer,
    brands: Sequence[str],
    *,
    pace: Pace,
    now: Callable[[], datetime],
    told: Told,
) -> list[Rescored]:
    """Score the history of these brands (none: of all), one after another.

    A brand is left out where nothing is to be done. Raises UsageError for a brand without posts,
    LineFailed when somebody else begins to score a brand with another model, StoreError.
    """
    known = languages(store)
    for brand in brands:
        if brand not in known:
            raise UsageError(f"no posts about {brand}; there are {', '.join(known) or 'none'}")
    current = _models(scorer, {code for codes in known.values() for code in codes})
    fresh = newest_number(store) + 1
    done = []
    for brand in brands or known:
        waiting = _begin(store, brand, scorer.version, current, fresh=fresh, at=now())
        if waiting is not None:
            done.append(_score_brand(store, scorer, waiting, pace=pace, now=now, told=told))
    return done


def _models(scorer: Scorer, codes: set[str]) -> dict[str, str]:
    """What the scorer calls itself in scores of each language: it may be several models."""
    asked = sorted(codes)
    scores = scorer.score(["word"] * len(asked), languages=asked)
    return {code: score.model for code, score in zip(asked, scores, strict=True)}


def _begin(
    store: Store, brand: str, model: str, current: Mapping[str, str], *, fresh: int, at: datetime
) -> Waiting | None:
    """Go on with the brand's unfinished scoring by this model, or begin one; None: nothing to do.

    A number is taken by writing it down and looking whether somebody else did too: then each goes
    on to another one.
    """
    before = switched_scorings(store).get(brand, (0, at))[0]
    left = [begun for begun in _begun(store, brand) if begun.number > before]
    newest = max((begun.number for begun in left), default=0)
    waiting = Waiting(
        brand=brand,
        number=max(fresh, newest + 1),
        before=before,
        current=current,
        whole=bool(left),
    )
    if newest and {begun.model for begun in left if begun.number == newest} == {model}:
        return _numbered(waiting, newest, whole=any(begun.number < newest for begun in left))
    if not waiting_hours(store, waiting):
        return None
    number = waiting.number
    while True:
        if number > MAX_SCORING:
            raise LineFailed(f"{MAX_SCORING} scorings is the most that a database can have")
        tell_begun(store, Begun(brand=brand, number=number, model=model), at)
        rivals = sorted(begun.model for begun in _begun(store, brand) if begun.number == number)
        if rivals == [model]:
            return _numbered(waiting, number, whole=bool(left) or number != waiting.number)
        number = newest_number(store) + 1 + rivals.index(model)


def _numbered(waiting: Waiting, number: int, *, whole: bool) -> Waiting:
    return Waiting(
        brand=waiting.brand,
        number=number,
        before=waiting.before,
        current=waiting.current,
        whole=whole,
    )


def _begun(store: Store, brand: str) -> list[Begun]:
    return [begun for begun in begun_scorings(store) if begun.brand == brand]


def _score_brand(
    store: Store,
    scorer: Scorer,
    waiting: Waiting,
    *,
    pace: Pace,
    now: Callable[[], datetime],
    told: Told,
) -> Rescored:
    begun = Begun(brand=waiting.brand, number=waiting.number, model=scorer.version)
    small = 0
    while small < SMALL_PASSES:
        found = _score_pass(store, scorer, waiting, begun, pace=pace, told=told)
        if not found:
            break
        small = small + 1 if found < PAGE else 0
    _refuse_overtaken(store, begun)
    switch(store, begun, now())
    moved = labels_moved(store, waiting.brand, waiting.number)
    changed: dict[str, dict[str, int]] = {}
    for old, new, count in moved:
        if old != new:
            changed.setdefault(old, {})[new] = count
    return Rescored(
        brand=waiting.brand,
        number=waiting.number,
        model=scorer.version,
        posts=sum(count for _, _, count in moved),
        changed=changed,
    )


def _score_pass(
    store: Store, scorer: Scorer, waiting: Waiting, begun: Begun, *, pace: Pace, told: Told
) -> int:
    """Score what waits now, and return how many posts that were."""
    hours = waiting_hours(store, waiting)
    total = sum(count for _, count in hours)
    done = 0
    told(waiting.brand, done, total)
    # With a low rate small pages: the work is spread and not a burst and a pause.
    limit = PAGE if pace.rate is None else min(PAGE, max(1, round(pace.rate)))
    started = pace.clock()
    for posts in _pages(store, waiting, hours, limit):
        texts = [_text(post) for post in posts]
        scores = scorer.score(texts, languages=[post["lang"] for post in posts])
        _refuse_overtaken(store, begun)
        write_scores(store, waiting, posts, scores)
        done += len(posts)
        told(waiting.brand, done, max(done, total))
        if pace.rate is not None:
            pace.sleep(max(0.0, started + done / pace.rate - pace.clock()))
    return done


def _pages(
    store: Store, waiting: Waiting, hours: Sequence[tuple[datetime, int]], limit: int
) -> Iterator[list[Post]]:
    """Posts in the order of their keys. Each look reads few hours: FINAL has to merge them."""
    for since, until in _spans(hours, limit):
        last: Post | None = None
        while posts := waiting_posts(
            store, waiting, since=since, until=until, after=last, limit=limit
        ):
            last = posts[-1]
            yield posts
            if len(posts) < limit:
                break


def _spans(
    hours: Sequence[tuple[datetime, int]], limit: int
) -> Iterator[tuple[datetime, datetime]]:
    """Cut hours into spans of about `limit` posts, an hour with more for itself.

    >>> from datetime import UTC
    >>> at = [datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in range(4)]
    >>> [(a.hour, b.hour) for a, b in _spans(list(zip(at, (3, 3, 9, 1))), 6)]
    [(0, 2), (2, 3), (3, 4)]
    """
    gathered: list[datetime] = []
    posts = 0
    for hour, count in hours:
        if gathered and posts + count > limit:
            yield gathered[0], gathered[-1] + HOUR
            gathered, posts = [], 0
        gathered.append(hour)
        posts += count
    if gathered:
        yield gathered[0], gathered[-1] + HOUR


def _text(post: Post) -> str:
    text = post["text"]
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _refuse_overtaken(store: Store, begun: Begun) -> None:
    """Leave the brand to whoever began later: two models at once would end in a mixture."""
    for other in _begun(store, begun.brand):
        if other.number > begun.number and other.model != begun.model:
            raise LineFailed(
                f"{begun.brand} is now scored with {other.model}, which was begun after "
                f"{begun.model}: this one ends; give its command again if it is the one you want"
            )


def as_text(done: Sequence[Rescored]) -> str:
    """What a scoring came to, a few words a brand."""
    return "\n".join(_line(each) for each in done) or "nothing to do: every score is by this model"


def _line(each: Rescored) -> str:
    moved = [
        f"{old} -> {new}: {count:,}"
        for old, into in each.changed.items()
        for new, count in into.items()
    ]
    labels = "; ".join(moved) or "no label changed"
    return f"{each.brand}: {each.posts:,} posts now by {each.model}; {labels}"
