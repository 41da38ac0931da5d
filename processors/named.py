"""Whose words bytes hold that gave no post: what can still be told of a dead letter."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from processors.decode import mend
from processors.pseudonym import pseudonym


class Named(Struct, frozen=True, kw_only=True):
    """One post that a payload names; fields that it does not are empty."""

    post_id: str
    authors: tuple[str, ...]  # `source:author`, under each name that it may be stored under
    published_at: datetime | None


def named(payload: bytes, key: bytes) -> list[Named]:
    """Posts in a message of any topic of posts: the items of an array, or one. Total.

    `key` is that of authors' pseudonyms, empty for none. Bytes that are no JSON name nobody.

    >>> [one] = named(b'{"source": "x", "native_id": "7", "author": "@Ann"}', b"")
    >>> one.post_id, one.authors
    ('x:7', ('x:@Ann', 'x:Ann'))
    """
    try:
        found: Any = msgspec.json.decode(mend(payload))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    items = found if isinstance(found, list) else [found]
    return [_named(item, key) for item in items if isinstance(item, dict)]


def _named(item: dict[str, Any], key: bytes) -> Named:
    post = item["post"] if isinstance(item.get("post"), dict) else item
    source, native = _text(post, "source"), _text(post, "native_id")
    author = _text(post, "author")
    bare = author.strip().lstrip("@")
    names = [author, bare, f"@{bare}" if bare else ""]
    if key and not author.startswith("~"):
        names.insert(0, pseudonym(source, author, key))
    return Named(
        post_id=_text(post, "post_id") or (f"{source}:{native}" if native else ""),
        authors=tuple(f"{source}:{name}" for name in dict.fromkeys(names) if name),
        published_at=_time(post.get("published_at")),
    )


def _text(post: dict[str, Any], name: str) -> str:
    value = post.get(name)
    # Some send ids as numbers, which is what makes them dead letters.
    return str(value) if isinstance(value, str | int) else ""


def _time(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
