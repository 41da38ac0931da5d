"""A brand's posts to read, page by page, with what the model and people say of them."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from infra.asked import hex_of
from infra.page.highlights import highlights
from infra.page.place import Place, words
from infra.page.refused import Refused, unknown
from infra.sql import load
from infra.store import Param, Row, Store
from infra.times import to_ms
from processors.query import Node

LATE: Final = datetime(2262, 1, 1, tzinfo=UTC)
AROUND: Final = timedelta(days=2)
"""How far from a post others are looked for that say nearly the same: as long as clusters live."""
MOST_OF_CLUSTER: Final = 2_000


class Asked(Struct, frozen=True, kw_only=True):
    """Which posts; empty texts mean all."""

    brand: str
    since: datetime
    until: datetime
    label: str = ""
    language: str = ""
    source: str = ""
    author: str = ""
    text: str = ""
    cluster_id: str = ""
    post_id: str = ""
    before: str = ""  # `next` of the page before
    limit: int = 50


class Post(Struct, frozen=True, kw_only=True):
    """A post; `highlights` are spans, in UTF-16 units, of the words that its query found."""

    post_id: str
    author: str
    followers: int
    url: str
    text: str
    published_at: datetime
    language: str
    source: str
    label: str  # a person's where one was given
    model_label: str
    p_negative: float
    p_neutral: float
    p_positive: float
    abstained: bool
    corrected_by: str
    is_repost: bool
    is_duplicate: bool
    is_spam: bool
    cluster_id: str
    cluster_count: int  # posts of the span that say nearly the same, this one included
    highlights: list[tuple[int, int]]


class Page(Struct, frozen=True, kw_only=True):
    """Posts, and from where the next page goes on; empty: there is none."""

    posts: list[Post]
    next: str


def read_posts(place: Place, asked: Asked) -> Page:
    """The newest first. Refused for a `before` that is none. Raises StoreError."""
    at, post_id = _place(asked.before)
    span: dict[str, Param] = {
        "brand": asked.brand,
        "since": to_ms(asked.since),
        "until": to_ms(asked.until),
    }
    chosen: dict[str, Param] = {
        "label": asked.label,
        "language": asked.language,
        "source": asked.source,
        "author": asked.author,
        "text": asked.text,
        "cluster_id": asked.cluster_id,
        "post_id": hex_of(asked.post_id),
        "before": to_ms(at),
        "before_id": hex_of(post_id),
        "limit": asked.limit + 1,
    }
    rows = place.store.query(load("page_posts"), {**span, **chosen})
    shown, more = rows[: asked.limit], len(rows) > asked.limit
    sizes = _sizes(place.store, span, shown)
    query = place.query_of(asked.brand)
    return Page(
        posts=[_post(row, sizes, query) for row in shown],
        next=_mark(shown[-1]) if more else "",
    )


def same_posts(store: Store, brand: str, post_id: str) -> list[str]:
    """The post and those of the brand that say nearly the same. Refused where it is not there."""
    known: dict[str, Param] = {"brand": brand, "post_id": hex_of(post_id)}
    rows = store.query(load("post_places"), known)
    if not rows:
        raise unknown(f"post {post_id} about {brand}")
    published_at, cluster_id = rows[0]
    around: dict[str, Param] = {
        "brand": brand,
        "cluster_id": cluster_id,
        "since": to_ms(published_at - AROUND),
        "until": to_ms(published_at + AROUND),
        "limit": MOST_OF_CLUSTER,
    }
    found = [words(row[0]) for row in store.query(load("cluster_posts"), around)]
    return [post_id, *(one for one in found if one != post_id)]


def _sizes(store: Store, span: dict[str, Param], rows: Sequence[Row]) -> dict[int, int]:
    if not rows:
        return {}
    clusters = ",".join(sorted({str(row[-1]) for row in rows}))
    return dict(store.query(load("cluster_sizes"), {**span, "clusters": clusters}))


def _post(row: Row, sizes: dict[int, int], query: Node | None) -> Post:
    text = words(row[4])
    return Post(
        post_id=words(row[0]),
        author=words(row[1]),
        followers=row[2],
        url=words(row[3]),
        text=text,
        published_at=row[5],
        language=row[6],
        source=words(row[7]),
        model_label=row[8],
        label=row[9],
        corrected_by=words(row[10]),
        p_negative=row[11],
        p_neutral=row[12],
        p_positive=row[13],
        abstained=bool(row[14]),
        is_repost=bool(row[15]),
        is_duplicate=bool(row[16]),
        is_spam=bool(row[17]),
        cluster_id=str(row[18]),
        cluster_count=sizes.get(row[18], 1),
        highlights=highlights(text, query),
    )


def _mark(row: Row) -> str:
    plain = f"{to_ms(row[5])} {words(row[0])}".encode("utf-8", "replace")
    return base64.urlsafe_b64encode(plain).decode()


def _place(mark: str) -> tuple[datetime, str]:
    if not mark:
        return LATE, ""
    try:
        at, _, post_id = base64.b64decode(mark, b"-_", validate=True).decode().partition(" ")
        return datetime.fromtimestamp(int(at) / 1000, UTC), post_id
    except (ValueError, OverflowError, OSError, binascii.Error) as error:
        raise Refused(422, "before is the `next` of the page before") from error
