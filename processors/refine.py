"""One raw post to a clean post, or to the reason why not; one raw erasure to what must go."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from processors.duplicates import Cluster, DuplicateClusters
from processors.language import LanguageDetector
from processors.match import BrandMatcher
from processors.pseudonym import pseudonym
from processors.read import Reader, Reading
from processors.records import CleanPost, Drop, DropReason, Erasure, RawErasure, RawPost
from processors.said import said

_NOWHERE = Cluster(0, False)
"""Of what is about no brand any more: it has no voice and needs no cluster."""


class Remembered(Struct, frozen=True, kw_only=True, gc=False):
    """What is needed of a stored post.

    `feed` is empty where the post's own receipt is not known, but that of an edit.
    """

    post_id: str
    feed: str
    position: int
    key_text: str
    cluster: Cluster


class _Passed(Struct, frozen=True, gc=False):
    """A post that is not dropped."""

    item: RawPost
    arrived_at: datetime
    post_id: str
    reading: Reading
    brands: tuple[str, ...]
    queries: tuple[str, ...]


class Refiner:
    """Validated posts in, clean posts or drops out; remembers the last `limit` posts it passed.

    Drops, in this order: `empty_text` (nothing visible; a link alone is text), `no_brand`, `repeat`
    (the post came before under another receipt). The same receipt again is a re-delivery and
    passes again, with the same answer while it is remembered. A repeat that is no longer
    remembered passes too: the store has the last word.

    An edit is never dropped: one that names no brand, or has nothing visible, takes the post out of
    the brands it was about. Its cluster is the one that the post had, while that is remembered.

    With an `author_key`, authors go by their pseudonyms from here on.
    """

    def __init__(
        self,
        detector: LanguageDetector,
        matcher: BrandMatcher,
        duplicates: DuplicateClusters,
        *,
        limit: int = 50_000,
        author_key: bytes = b"",
    ) -> None:
        self._reader = Reader(detector, matcher)
        self._versions = matcher.versions
        self._duplicates = duplicates
        self._limit = limit
        self._author_key = author_key
        self._receipts: OrderedDict[str, tuple[str, int]] = OrderedDict()

    def watch(self, matcher: BrandMatcher) -> None:
        """From the next post on find the brands that this one finds."""
        self._reader.watch(matcher)
        self._versions = matcher.versions

    def refine(self, item: RawPost, arrived_at: datetime) -> CleanPost | Drop:
        """`refine_all` of one post."""
        return self.refine_all([item], [arrived_at])[0]

    def refine_all(
        self, items: Sequence[RawPost], arrived: Sequence[datetime]
    ) -> list[CleanPost | Drop]:
        """Refine posts in their order: the same answers as one by one, at a fraction of the cost.

        `arrived`: UTC, when the broker got each; used where the feed says no time of its own.
        """
        readings = self._reader.name([item.text for item in items])
        passed = [
            self._pass(item, reading, arrived_at)
            for item, reading, arrived_at in zip(items, readings, arrived, strict=True)
        ]
        kept = [one for one in passed if isinstance(one, _Passed)]
        self._reader.mean([one.reading for one in kept])
        voices = [(one.post_id, one.reading.said) for one in kept if one.brands]
        clusters = iter(self._duplicates.assign_all(voices))
        return [
            self._clean(one, next(clusters) if one.brands else _NOWHERE)
            if isinstance(one, _Passed)
            else one
            for one in passed
        ]

    def _pass(self, item: RawPost, reading: Reading, arrived_at: datetime) -> _Passed | Drop:
        """What is kept, and the drop if there is a reason. Notes the receipt of what is kept."""
        post_id = f"{item.source}:{item.native_id}"
        brands = found = reading.brands_of(item.source, item.author)
        if item.brands and reading.folded:
            brands = tuple(sorted({*brands, *item.brands}))
        if item.kind != "edit":
            receipt = (item.feed, item.position)
            if reason := self._reason_to_drop(post_id, receipt, reading.folded, brands):
                return Drop(feed=item.feed, position=item.position, post_id=post_id, reason=reason)
            self._note(post_id, receipt)
        versions = self._versions
        queries = tuple([versions[brand] if brand in found else "" for brand in brands])
        return _Passed(item, arrived_at, post_id, reading, brands, queries)

    def _clean(self, passed: _Passed, cluster: Cluster) -> CleanPost:
        item, reading = passed.item, passed.reading
        observed_at = item.observed_at or passed.arrived_at
        edited_at = None
        if item.kind == "edit":
            edited_at = _utc(min(item.edited_at or observed_at, observed_at))
        return CleanPost(
            post_id=passed.post_id,
            feed=item.feed,
            position=item.position,
            source=item.source,
            author=self._author(item.source, item.author),
            followers=item.followers,
            url=item.url,
            text=item.text,
            key_text=reading.key_text,
            lang=reading.lang,
            brands=passed.brands,
            published_at=_utc(min(item.published_at, observed_at)),
            received_at=_utc(item.received_at or observed_at),
            is_repost=bool(item.repost_of) or item.text.startswith("RT @"),
            cluster_id=cluster.id,
            is_duplicate=cluster.is_duplicate,
            first_said_by=cluster.first_said_by,
            is_spam=reading.is_spam,
            edited_at=edited_at,
            is_backfill=item.backfill,
            queries=passed.queries,
        )

    def erasure(self, item: RawErasure, arrived_at: datetime) -> Erasure:
        """What must go. A clock that is ahead does not reach posts to come."""
        name = item.native_id if item.kind == "delete" else self._author(item.source, item.author)
        return Erasure(
            feed=item.feed,
            position=item.position,
            scope="post" if item.kind == "delete" else "author",
            id=f"{item.source}:{name}",
            at=min(item.at or arrived_at, arrived_at).astimezone(UTC),
        )

    def remember(self, posts: Sequence[Remembered]) -> None:
        """Take in stored posts, oldest first, to go on at a start where the last run ended."""
        for post in posts:
            if post.feed:
                self._note(post.post_id, (post.feed, post.position))
        self._duplicates.remember_all(
            [(one.post_id, said(one.key_text)) for one in posts], [one.cluster for one in posts]
        )

    def _reason_to_drop(
        self, post_id: str, receipt: tuple[str, int], folded: str, brands: tuple[str, ...]
    ) -> DropReason | None:
        if not folded:
            return "empty_text"
        if not brands:
            return "no_brand"
        return "repeat" if self._receipts.get(post_id, receipt) != receipt else None

    def _author(self, source: str, author: str) -> str:
        return pseudonym(source, author, self._author_key) if self._author_key else author

    def _note(self, post_id: str, receipt: tuple[str, int]) -> None:
        self._receipts[post_id] = receipt
        if len(self._receipts) > self._limit:
            self._receipts.popitem(last=False)


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo is UTC else at.astimezone(UTC)
