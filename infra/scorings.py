"""Scorings of history: which were begun, which count, and the rows that wait for one.

A scoring has a number. Its scores are written beside those that count, row by row, and count for a
brand once there is a row in `scorings`. So a scoring that was killed is on disk as far as it came,
and nobody sees it before it is whole.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from infra.asked import hex_of
from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms
from processors.records import Sentiment
from processors.version import rescored

HOUR = timedelta(hours=1)
SCORES = ("sentiment", "p_negative", "p_neutral", "p_positive", "model", "abstained", "oov")
Post = dict[str, Any]
"""A row of `posts`, by column."""


class Begun(Struct, frozen=True, kw_only=True):
    """A brand's history that somebody began to score; it is told so before the first row."""

    brand: str
    number: int
    model: str


class Waiting(Struct, frozen=True, kw_only=True):
    """Which posts a scoring has still to do.

    `before`: the scoring that counts until this one ends, 0 for the first scores. `current`: the
    model's name for each language; a post whose score is by it already is left alone. `whole`: not
    even then, for an earlier scoring was begun and left, and its scores may still come.
    """

    brand: str
    number: int
    before: int
    current: Mapping[str, str]
    whole: bool = False


def begun_scorings(store: Store) -> list[Begun]:
    """Every scoring that was begun, in the order they were."""
    return [
        msgspec.json.decode(detail, type=Begun) for (detail,) in store.query(load("begun_scorings"))
    ]


def tell_begun(store: Store, begun: Begun, at: datetime) -> None:
    """Write down that a scoring begins: an act by hand, so it is in the audit trail."""
    row = (
        f"rescore {begun.number} {begun.model} {begun.brand}",
        at,
        "rescore",
        "groundswell rescore",
        msgspec.json.encode(begun).decode(),
    )
    store.insert("audit", ("id", "at", "action", "by", "detail"), [row])


def switched_scorings(store: Store) -> dict[str, tuple[int, datetime]]:
    """Brand -> the scoring that counts and since when. Brands with first scores are not in."""
    return {brand: (number, at) for brand, number, at in store.query(load("switched_scorings"))}


def switch(store: Store, begun: Begun, at: datetime) -> None:
    """From now on all posts of the brand count with this scoring, at once."""
    row = (begun.brand, begun.number, begun.model, at)
    store.insert("scorings", ("brand", "number", "model", "at"), [row])


def newest_number(store: Store) -> int:
    """The highest number ever taken, 0 for none."""
    [(newest,)] = store.query(load("newest_scoring"))
    return max([int(newest), *(begun.number for begun in begun_scorings(store))])


def languages(store: Store) -> dict[str, list[str]]:
    """Brand -> languages of its posts."""
    found: dict[str, list[str]] = {}
    for brand, language in store.query(load("post_languages")):
        found.setdefault(brand, []).append(language)
    return found


def waiting_hours(store: Store, waiting: Waiting) -> list[tuple[datetime, int]]:
    """Hours that have posts to score, in order, and how many."""
    return [(hour, count) for hour, count in store.query(load("unscored_hours"), _params(waiting))]


def waiting_posts(
    store: Store,
    waiting: Waiting,
    *,
    since: datetime,
    until: datetime,
    after: Post | None,
    limit: int,
) -> list[Post]:
    """The next posts to score in the span, in the order of their keys, behind `after`."""
    columns = [name for (name,) in store.query(load("post_columns"))]
    span: dict[str, Param] = {
        "since": to_ms(since),
        "until": to_ms(until),
        "hour": to_ms(_hour(after["published_at"])) if after else to_ms(since),
        "after": after["post_id"] if after else "",
        "limit": limit,
    }
    rows = store.query(load("unscored_posts"), {**_params(waiting), **span})
    return [dict(zip(columns, row, strict=True)) for row in rows]


def write_scores(
    store: Store, waiting: Waiting, posts: Sequence[Post], scores: Sequence[Sentiment]
) -> None:
    """Write posts again, whole, with the scores that wait. Writing them again changes no count."""
    if not posts:
        return
    rows = [_beside(waiting, post, score) for post, score in zip(posts, scores, strict=True)]
    columns = list(posts[0])
    store.insert("posts", columns, [[row[name] for name in columns] for row in rows])


def labels_moved(store: Store, brand: str, number: int) -> list[tuple[str, str, int]]:
    """Label before, label in the scoring, posts: of all posts that the scoring has done."""
    params: dict[str, Param] = {"brand": brand, "number": number}
    return [(old, new, count) for old, new, count in store.query(load("rescored_labels"), params)]


def _beside(waiting: Waiting, post: Post, score: Sentiment) -> Post:
    """The row with the score that counts as its first one and the new one waiting.

    Times stay as they were: two that score the same posts at once write the same rows.
    """
    counts = 0 < post["next_scoring"] <= waiting.before
    base = {name: post[f"next_{name}"] for name in SCORES} if counts else {}
    given = (
        score.label,
        score.p_negative,
        score.p_neutral,
        score.p_positive,
        score.model,
        int(score.abstained),
        score.oov,
    )
    return {
        **post,
        **base,
        **{f"next_{name}": value for name, value in zip(SCORES, given, strict=True)},
        "next_scoring": waiting.number,
        "version": rescored(post["version"], waiting.number),
    }


def _params(waiting: Waiting) -> dict[str, Param]:
    pairs = sorted(waiting.current.items())
    return {
        "brand": waiting.brand,
        "number": waiting.number,
        "before": waiting.before,
        "current": ",".join(f"{hex_of(language)}:{hex_of(model)}" for language, model in pairs),
        "whole": int(waiting.whole),
    }


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
