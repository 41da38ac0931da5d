"""`groundswell erase`: posts and authors' posts out of every count and incident, by hand."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from infra.audit import audit_row, write_audit
from infra.brands import Brand
from infra.erasable import Erasable, erasable
from infra.erasures import erase
from infra.purge import purge
from infra.redact import redact
from infra.store import Store
from processors.records import Erasure
from streams.failures import UsageError

BY_HAND = "by hand"
"""The feed of erasures that came from none."""

Pseudonym = Callable[[str, str], str]
"""Source and author to what the author is stored under; the author where that is the same."""


class Asked(Struct, frozen=True, kw_only=True):
    """What shall be erased: posts by id, authors as (source, handle); theirs until `at`."""

    posts: tuple[str, ...]
    authors: tuple[tuple[str, str], ...]
    at: datetime


class Plan(Struct, frozen=True, kw_only=True):
    """What was found, and what will be written down."""

    found: Erasable
    erasures: tuple[Erasure, ...]
    without_posts: tuple[str, ...]  # authors, as asked for, that nothing is stored of


class Erased(Struct, frozen=True, kw_only=True):
    """What came of it; rows are one a brand and version of a post."""

    posts: int
    brands: tuple[str, ...]
    incidents: int
    events: int  # changes of incidents that were rewritten
    rows: int  # taken off the disk
    without_posts: tuple[str, ...]
    audit: str  # id of the row


def asked_for(posts: Sequence[str], authors: Sequence[str], at: datetime) -> Asked:
    """Read the words of the command. UsageError for what names nothing."""
    for post in posts:
        source, _, native = post.partition(":")
        if not source or not native:
            raise UsageError(f"--post {post}: ids are SOURCE:NATIVE_ID, as on the page")
    named = []
    for author in authors:
        source, _, handle = author.partition(":")
        if not source or not handle.strip(" @"):
            raise UsageError(f"--author {author}: write SOURCE:HANDLE, such as bluesky:kai_r")
        named.append((source, handle))
    if not posts and not named:
        raise UsageError("say what: --post SOURCE:ID or --author SOURCE:HANDLE")
    return Asked(posts=tuple(dict.fromkeys(posts)), authors=tuple(dict.fromkeys(named)), at=at)


def plan(store: Store, asked: Asked, pseudonym: Pseudonym) -> Plan:
    """Find what there is. Changes nothing. Raises StoreError.

    An author is looked for under every name they may be stored under. The one in use now is
    written down in any case, so that later deliveries are kept out; the others where anything is
    stored under them.
    """
    names = {author: _names(*author, pseudonym) for author in asked.authors}
    found = erasable(
        store,
        posts=asked.posts,
        authors=[name for each in names.values() for name in each],
        until=asked.at,
    )
    authors = [
        name
        for each in names.values()
        for number, name in enumerate(each)
        if number == 0 or name in found.authors
    ]
    return Plan(
        found=found,
        erasures=(
            *(_erasure("post", post, asked.at) for post in asked.posts),
            *(_erasure("author", author, asked.at) for author in dict.fromkeys(authors)),
        ),
        without_posts=tuple(
            ":".join(author) for author, each in names.items() if not {*each} & {*found.authors}
        ),
    )


def carry_out(
    store: Store,
    planned: Plan,
    brands: Sequence[Brand],
    *,
    by: str,
    now: datetime,
    key: bytes = b"",
) -> Erased:
    """Erase, rewrite incidents, take the words off the disk, and say so in the audit.

    The audit row is there from the beginning on and is completed at the end. Cut short anywhere,
    the same command does the rest. `key` is that of authors' pseudonyms. Raises StoreError.
    """
    found = planned.found
    detail: dict[str, object] = {
        "erased": [f"{one.scope} {one.id}" for one in planned.erasures],
        "posts": found.posts,
        "brands": found.brands,
        "incidents": found.incidents,
        "done": False,
    }
    row = audit_row("erase", now, by, detail)
    write_audit(store, row)
    erase(store, planned.erasures, now, by)
    redaction = redact(store, brands)
    taken = purge(store, key=key)
    detail |= {"events": redaction.events, "rows": taken.posts, "done": True}
    write_audit(store, audit_row("erase", now, by, detail))
    return Erased(
        posts=found.posts,
        brands=found.brands,
        incidents=redaction.incidents,
        events=redaction.events,
        rows=taken.posts,
        without_posts=planned.without_posts,
        audit=row.id,
    )


def told(found: Erasable) -> str:
    """What was found, in one line."""
    if not found.posts:
        words = "no stored post"
    else:
        about = f"{_count(len(found.brands), 'brand')} ({', '.join(found.brands)})"
        words = f"{_count(found.posts, 'post')} about {about}"
    return f"{words}, shown in {_count(found.incidents, 'incident')}"


def told_after(erased: Erased) -> str:
    """What came of it, in lines."""
    lines = [
        f"{author}: nothing stored; what it published until then is kept out"
        for author in erased.without_posts
    ]
    lines.append(
        f"erased {_count(erased.posts, 'post')} about {_count(len(erased.brands), 'brand')}; "
        f"{_count(erased.incidents, 'incident')} told without them, "
        f"{_count(erased.rows, 'row')} taken off the disk; audit {erased.audit}"
    )
    return "\n".join(lines)


def _names(source: str, handle: str, pseudonym: Pseudonym) -> list[str]:
    """Ids an author may be stored under, the one in use now first."""
    bare = handle.lstrip("@")
    # One that was copied from the page or an export is a pseudonym already.
    now = handle if handle.startswith("~") else pseudonym(source, handle)
    names = dict.fromkeys((now, handle, bare, f"@{bare}"))
    return [f"{source}:{name}" for name in names]


def _erasure(scope: str, name: str, at: datetime) -> Erasure:
    return msgspec.convert(
        {"feed": BY_HAND, "position": -1, "scope": scope, "id": name, "at": at}, Erasure
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
