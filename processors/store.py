"""What the store stage writes for a batch: keys, edits, posts, dead letters and receipts.

A post belongs to the first receipt that brought it. The same receipt again is a re-delivery and
gives the same rows; another receipt is a repeat and gives no post. An edit replaces the text and
moves the post between brands, never in time. Which rows count in the end does not depend on the
order in which posts and edits come, nor on how often: each text has a version (processors.version),
a brand that the newest text is not about gets a row of that version which takes the post out, and
what was erased gets one that nothing can follow.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from msgspec import Struct

from processors.first_sight import (
    Firsts,
    author_id,
    claim_of,
    firsts_apart,
    milliseconds,
    rows_of_firsts,
)
from processors.known import FIRST, Key, Known, OnDisk
from processors.post_rows import KEPT_DAYS, row_of, rows_of_erased, rows_without
from processors.post_rows import POST_COLUMNS as POST_COLUMNS
from processors.records import CleanPost, DeadLetter, Drop, Erasure, ScoredPost
from processors.version import contested, version_of

Item = ScoredPost | Drop | DeadLetter | Erasure
Outcome = Literal["stored", "edited", "erased", "repeat", "dropped", "dead"]
Row = tuple[Any, ...]
Receipt = tuple[str, int]  # feed, position

KEY_COLUMNS = ("post_id", "published_at", "feed", "position", "brands", "claim")
EDIT_COLUMNS = ("post_id", "edited_at", "version", "brands")
ERASURE_COLUMNS = ("scope", "id", "at", "by")
RECEIPT_COLUMNS = ("feed", "position", "post_id", "outcome", "reason")
DEAD_COLUMNS = ("feed", "position", "reason", "detail", "payload", "arrived_at", "topic")

BY: Final = "feed"
"""Who erased what messages ask to erase."""

WEAKEST_FIRST: Final[tuple[Outcome, ...]] = (
    "dead",
    "dropped",
    "repeat",
    "erased",
    "edited",
    "stored",
)


class Plan(Struct, frozen=True, kw_only=True):
    """Rows to write, in the order of the fields."""

    keys: list[Row]
    edits: list[Row]
    erasures: list[Row]  # of posts whose author's were erased
    posts: list[Row]
    dead_letters: list[Row]
    receipts: list[Row]
    firsts: Firsts  # of those the posts that were new
    others: OnDisk  # what is known of the other posts after that

    def known(self) -> OnDisk:
        """What is known of all posts that it writes about once it is written."""
        return OnDisk({**self.firsts.known(), **self.others.posts}, self.others.authors)

    def count(self, outcome: Outcome) -> int:
        """How many of the batch's receipts ended so, each counted once."""
        return sum(row[3] == outcome for row in self.receipts)


_UNSEEN: Final = Known()


class _Drafts:
    """What is known, and what a batch adds to it."""

    def __init__(self, known: OnDisk) -> None:
        self.posts = dict(known.posts)
        self.keys: dict[tuple[str, str], Row] = {}
        self.edits: dict[tuple[str, int], Row] = {}
        self.erasures: dict[str, Row] = {}

    def take(self, post: CleanPost, erased_until: datetime | None) -> None:
        """Learn what a post or an edit says of itself."""
        post_id, known = post.post_id, self.posts.get(post.post_id, _UNSEEN)
        version = version_of_post(post)
        if version != FIRST and version not in known.edits:
            brands = tuple(dict.fromkeys(post.brands))
            self.edits[post_id, version] = (post_id, post.edited_at, version, brands)
            known = Known(known.keys, {**known.edits, version: brands}, known.erased)
        if not known.keys or (version == FIRST and known.owner is None):
            known = self._claim(post, known, owns=version == FIRST)
        if erased_until is not None and not known.erased and known.published_at <= erased_until:
            self.erasures[post_id] = ("post", post_id, erased_until, BY)
            known = Known(known.keys, known.edits, erased=True)
        self.posts[post_id] = known

    def _claim(self, post: CleanPost, known: Known, *, owns: bool) -> Known:
        at = known.published_at if known.keys else milliseconds(post.published_at)
        owner: tuple[str, int, tuple[str, ...]] = ("", -1, ())
        if owns:
            owner = (post.feed, post.position, tuple(dict.fromkeys(post.brands)))
        claim = claim_of(post, at)
        self.keys[post.post_id, claim] = (post.post_id, at, *owner, claim)
        return Known(known.keys | {Key(at, *owner)}, known.edits, known.erased)


def post_ids(batch: Iterable[Item]) -> list[str]:
    """The ids of which `plan_writes` must know, each once."""
    return list(dict.fromkeys(item_id for item in batch if (item_id := _post_id(item))))


def authors_of(batch: Iterable[Item]) -> list[str]:
    """The authors of whom `plan_writes` must know whether they are erased, each once."""
    posts = (item.post for item in batch if isinstance(item, ScoredPost) and item.post.author)
    return list(dict.fromkeys(map(author_id, posts)))


def version_of_post(post: CleanPost) -> int:
    """Version of its text."""
    return version_of(edited_at=post.edited_at, text=post.text) if post.edited_at else FIRST


def plan_writes(
    batch: Sequence[Item],
    on_disk: OnDisk,
    stored_at: datetime,
    *,
    kept_days: Mapping[str, int] | None = None,
) -> Plan:
    """Rows for a batch, given what is known of its `post_ids` and `authors_of`.

    Erasures themselves are not written here, only their receipts. `kept_days` by brand.

    Each receipt has one outcome, the same however often and in whatever company it comes again:
    a drop of a receipt that owns its post is an echo of the post, which stays stored.
    """
    names = [(_post_id(item), *_receipt(item)) for item in batch]
    new, others = firsts_apart(batch, names, on_disk)
    firsts = rows_of_firsts(new, stored_at, kept_days or {})
    drafts = _Drafts(on_disk)
    brought: dict[str, list[ScoredPost]] = {}
    for item in others:
        if isinstance(item, ScoredPost):
            drafts.take(item.post, on_disk.authors.get(author_id(item.post)))
            brought.setdefault(item.post.post_id, []).append(item)
    posts = {
        row[:4]: row
        for post_id, items in brought.items()
        for row in _rows(items, drafts.posts[post_id], stored_at, kept_days or {})
    }
    return Plan(
        keys=[*firsts.keys, *drafts.keys.values()],
        edits=list(drafts.edits.values()),
        erasures=list(drafts.erasures.values()),
        posts=[*firsts.posts, *posts.values()],
        dead_letters=_dead_letters(others),
        receipts=[*firsts.receipts, *_receipts(others, drafts.posts)],
        firsts=firsts,
        others=OnDisk({post_id: drafts.posts[post_id] for post_id in brought}, on_disk.authors),
    )


def _rows(
    items: Sequence[ScoredPost], known: Known, stored_at: datetime, kept_days: Mapping[str, int]
) -> Iterable[Row]:
    """Rows of one post, in the order in which the last of a kind counts."""
    post_id = items[0].post.post_id
    if known.erased:
        yield from rows_of_erased(post_id, known, stored_at)
        return
    # A post whose text is not the newest has none to give; a repeat is the owner's to write.
    at, brands = known.published_at, known.brands
    version = contested(known.newest, known.rivals)
    for item in items:
        if not _is_newest(item.post, known):
            continue
        for brand in brands:
            yield row_of(
                item,
                brand,
                published_at=at,
                version=version,
                stored_at=stored_at,
                kept_days=kept_days.get(brand, KEPT_DAYS),
            )
    if left := known.left:
        yield from rows_without(post_id, left, published_at=at, version=version, now=stored_at)
    for place in known.misplaced:
        yield from rows_without(
            post_id, known.ever, published_at=place, version=version, now=stored_at
        )


def _is_newest(post: CleanPost, known: Known) -> bool:
    version = version_of_post(post)
    if version != known.newest:
        return False
    return version != FIRST or _owns((post.feed, post.position), known)


def _dead_letters(batch: Iterable[Item]) -> list[Row]:
    rows = {
        _receipt(item): (
            *(item.feed, item.position, item.reason, item.detail, item.payload),
            *(item.arrived_at, item.topic),
        )
        for item in batch
        if isinstance(item, DeadLetter)
    }
    return list(rows.values())


def _receipts(batch: Iterable[Item], posts: Mapping[str, Known]) -> list[Row]:
    receipts: dict[Receipt, Row] = {}
    told = [(*_outcome(item, posts), item) for item in batch]
    # The weakest outcome first, so that the strongest has the last word on a receipt.
    for outcome, reason, item in sorted(told, key=lambda each: WEAKEST_FIRST.index(each[0])):
        feed, position = receipt = _receipt(item)
        receipts[receipt] = (feed, position, _post_id(item), outcome, reason)
    for post_id, known in posts.items():
        if len(known.keys) == 1:
            continue
        for key in known.keys - {known.owner}:
            if key.feed:  # it was the owner's until another process was seen to have one before it
                receipt = key.feed, key.position
                receipts[receipt] = (*receipt, post_id, "repeat", "repeat")
    return list(receipts.values())


def _outcome(item: Item, posts: Mapping[str, Known]) -> tuple[Outcome, str]:
    if isinstance(item, DeadLetter):
        return "dead", item.reason
    if isinstance(item, Erasure):
        return "erased", item.scope
    if isinstance(item, ScoredPost) and item.post.edited_at:
        return "edited", ""
    if _owns(_receipt(item), posts.get(_post_id(item), _UNSEEN)):
        return "stored", ""
    if isinstance(item, ScoredPost) or item.reason == "repeat":
        return "repeat", "repeat"
    return "dropped", item.reason


def _owns(receipt: Receipt, known: Known) -> bool:
    owner = known.owner
    return owner is not None and (owner.feed, owner.position) == receipt


def _post_id(item: Item) -> str:
    if isinstance(item, ScoredPost):
        return item.post.post_id
    if isinstance(item, Erasure):
        return item.id if item.scope == "post" else ""
    return item.post_id if isinstance(item, Drop) else ""


def _receipt(item: Item) -> Receipt:
    holder = item.post if isinstance(item, ScoredPost) else item
    return holder.feed, holder.position
