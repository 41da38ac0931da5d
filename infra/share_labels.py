"""Labels of posts that were drawn at random, and the drawing. Raises as `Store` does."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from forecasting.recalibrate import SUREST
from forecasting.share_draw import Plan
from infra.asked import hexed
from infra.sql import load
from infra.store import Store
from infra.times import to_ms

COLUMNS = ("brand", "post_id", "published_at", "label", "stratum", "probability", "by", "at")
SPARE = 10
"""Posts drawn for a stratum beyond those wanted, to take the place of what is passed over."""
LOOKUP = 500  # ids a query


class Span(Struct, frozen=True, kw_only=True):
    """Of a brand's posts those published at or after `since` and before `until`."""

    brand: str
    since: datetime
    until: datetime

    def asked(self) -> dict[str, str | int | float]:
        """As parameters of a query."""
        since, until = to_ms(self.since), to_ms(self.until)
        return {"brand": self.brand, "since": since, "until": until, "surest": SUREST}


class Drawn(Struct, frozen=True, kw_only=True):
    """A post to label. Posts of a stratum are interchangeable: each is as good a draw."""

    post_id: str
    published_at: datetime
    text: str
    url: str
    stratum: int
    probability: float


class ShareLabel(Struct, frozen=True, kw_only=True):
    """What a person says a drawn post is: negative, neutral, positive, or empty to take it back."""

    brand: str
    post_id: str
    published_at: datetime
    label: str
    stratum: int
    probability: float
    at: datetime
    by: str = ""


def draw(store: Store, span: Span, plan: Plan, *, seed: int) -> dict[int, list[Drawn]]:
    """Return posts nobody has labelled, by stratum and in random order, SPARE more than wanted."""
    if not plan.strata:
        return {}
    lasts = ",".join(str(one.last) for one in plan.strata[:-1]) or str(plan.strata[0].last)
    asked = span.asked() | {
        "lasts": lasts,
        "seed": seed,
        "each": max(one.wanted for one in plan.strata) + SPARE,
    }
    found: dict[int, list[Drawn]] = {}
    for post_id, published_at, text, url, number in store.query(load("share_draw"), asked):
        stratum = plan.strata[min(number, len(plan.strata) - 1)]
        found.setdefault(stratum.number, []).append(
            Drawn(
                post_id=post_id,
                published_at=published_at,
                text=text,
                url=url,
                stratum=stratum.number,
                probability=stratum.probability,
            )
        )
    return {
        stratum.number: found.get(stratum.number, [])[: stratum.wanted + SPARE]
        for stratum in plan.strata
        if stratum.wanted
    }


def write_share_labels(store: Store, labels: Sequence[ShareLabel]) -> None:
    """Keep labels; on return they are on disk. The newest about a brand and post counts."""
    rows = [tuple(getattr(one, column) for column in COLUMNS) for one in labels]
    if rows:
        store.insert("share_labels", COLUMNS, rows)


def published(store: Store, brand: str, ids: Iterable[str]) -> dict[str, datetime]:
    """Return when the posts of a brand were published; those that do not count are left out."""
    asked, found = list(dict.fromkeys(ids)), dict[str, datetime]()
    for start in range(0, len(asked), LOOKUP):
        some = {"brand": brand, "ids": hexed(asked[start : start + LOOKUP])}
        found.update(store.query(load("share_posts"), some))
    return found
