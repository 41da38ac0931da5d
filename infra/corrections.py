"""Labels that people gave posts, on disk; and the texts they are about."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct

from infra.asked import hexed
from infra.sql import load
from infra.store import Store
from processors.records import Label

LOOKUP = 500  # ids a query
COLUMNS = ("post_id", "text", "label", "language", "by", "note", "at")


class Correction(Struct, frozen=True, kw_only=True):
    """What a person says a post is. The newest about a post wins.

    `text` and `language` are empty where there is a post to read them from, so that erasing the
    post erases them.
    """

    post_id: str
    label: Label
    at: datetime
    text: str = ""
    language: str = ""
    by: str = ""
    note: str = ""


class PostText(NamedTuple):
    """A post as published, and its language (ISO 639-1 or `und`)."""

    text: str
    language: str


def id_of_text(text: str) -> str:
    """Return the id of a text that is no stored post."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"text:{digest}"


def write_corrections(store: Store, corrections: Sequence[Correction]) -> None:
    """Keep corrections; on return they are on disk. Raises StoreError."""
    rows = [tuple(getattr(one, column) for column in COLUMNS) for one in corrections]
    store.insert("corrections", COLUMNS, rows)


def withdraw_corrections(store: Store, ids: Sequence[str], *, by: str, at: datetime) -> int:
    """Take back what was said of these posts; of how many there was anything. Raises StoreError."""
    asked = hexed(ids)
    known = store.query(load("correction_times"), {"ids": asked}) if ids else []
    rows = [
        # After what it takes back, whatever the clocks of hosts say.
        (post_id, "", label, "", by, "", max(at, last + timedelta(milliseconds=1)), 1)
        for post_id, label, last in known
    ]
    if rows:
        store.insert("corrections", (*COLUMNS, "withdrawn"), rows)
    return len(rows)


def post_texts(store: Store, ids: Sequence[str]) -> Mapping[str, PostText]:
    """Return what is stored of these posts; those that are not there are left out."""
    found = {}
    for start in range(0, len(ids), LOOKUP):
        asked = ",".join(_bytes(one).hex() for one in ids[start : start + LOOKUP])
        for post_id, text, language in store.query(load("post_texts"), {"ids": asked}):
            found[post_id] = PostText(text, language)
    return found


def read_corrections(store: Store) -> list[Correction]:
    """Return all corrections with text and language, oldest first.

    Those about posts that were erased are left out.
    """
    rows = [
        Correction(**dict(zip(COLUMNS, row, strict=True)))
        for row in store.query(load("corrections"))
    ]
    posts = post_texts(store, [one.post_id for one in rows if not one.text])
    return [full for one in rows if (full := _filled(one, posts)) is not None]


def _filled(one: Correction, posts: Mapping[str, PostText]) -> Correction | None:
    if one.text:
        return one
    post = posts.get(one.post_id)
    if post is None:
        return None
    return Correction(
        post_id=one.post_id,
        label=one.label,
        at=one.at,
        text=post.text,
        language=post.language,
        by=one.by,
        note=one.note,
    )


def _bytes(post_id: str) -> bytes:
    return post_id.encode("utf-8", "replace")
