"""One raw post to a clean post, or to the reason why not; one raw erasure to what must go."""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from processors.duplicates import Cluster, DuplicateClusters
from processors.language import LanguageDetector
from processors.match import BrandMatcher
from processors.normalise import fold, key_of_folded
from processors.pseudonym import pseudonym
from processors.records import CleanPost, Drop, DropReason, Erasure, RawErasure, RawPost
from processors.spam import is_spam_folded

READ_TEXTS: Final = 16_384
"""Texts of which it is remembered what was read in them: 15 MB of tweets."""
LONGEST_READ: Final = 600
"""Characters of the longest of these: 80 MB at the very most."""


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
        self._detector = detector
        self._matcher = matcher
        self._duplicates = duplicates
        self._limit = limit
        self._author_key = author_key
        # Reposts say word for word what was read before.
        self._named = lru_cache(READ_TEXTS)(self._find_named)
        self._meant = lru_cache(READ_TEXTS)(_find_meant)
        self._lang = lru_cache(READ_TEXTS)(detector.detect_folded)
        self._receipts: OrderedDict[str, tuple[str, int]] = OrderedDict()

    def refine(self, item: RawPost, arrived_at: datetime) -> CleanPost | Drop:
        """Refine one post. `arrived_at`: UTC, when the broker got it; used where the feed says no
        time of its own."""
        post_id = f"{item.source}:{item.native_id}"
        remembered = len(item.text) <= LONGEST_READ
        folded, named = self._named(item.text) if remembered else self._find_named(item.text)
        brands = tuple(sorted({*named, *item.brands})) if item.brands and folded else named
        is_edit = item.kind == "edit"
        if not is_edit:
            reason = self._reason_to_drop(item, post_id, folded, brands)
            if reason:
                return Drop(feed=item.feed, position=item.position, post_id=post_id, reason=reason)
            self._note(post_id, (item.feed, item.position))
        key, spam = (self._meant if remembered else _find_meant)(folded)
        # What is about no brand any more has no voice and needs no cluster.
        cluster = self._duplicates.assign(post_id, key) if brands else Cluster(0, False)
        observed_at = item.observed_at or arrived_at
        edited_at = min(item.edited_at or observed_at, observed_at).astimezone(UTC)
        return CleanPost(
            post_id=post_id,
            feed=item.feed,
            position=item.position,
            source=item.source,
            author=self._author(item.source, item.author),
            followers=item.followers,
            url=item.url,
            text=item.text,
            key_text=key,
            lang=(self._lang if remembered else self._detector.detect_folded)(key),
            brands=brands,
            published_at=min(item.published_at, observed_at).astimezone(UTC),
            received_at=(item.received_at or observed_at).astimezone(UTC),
            is_repost=bool(item.repost_of) or item.text.startswith("RT @"),
            cluster_id=cluster.id,
            is_duplicate=cluster.is_duplicate,
            is_spam=spam,
            edited_at=edited_at if is_edit else None,
            is_backfill=item.backfill,
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

    def read_ahead(self, items: Iterable[RawPost]) -> None:
        """Read the texts of posts that `refine` gets next; changes no answer, only their cost.

        Step by step over all of them: the model of languages is slow where something else was done
        in between and has taken its place in the processor's caches (measured: 45 us for 13).
        """
        short = [item for item in items if len(item.text) <= LONGEST_READ]
        found = [(self._named(item.text), item.brands) for item in short]
        meant = [self._meant(folded) for (folded, named), given in found if named or given]
        for key, _ in meant:
            self._lang(key)

    def remember(
        self, *, post_id: str, feed: str, position: int, key_text: str, cluster: Cluster
    ) -> None:
        """Take in a stored post, oldest first, to go on at a start where the last run ended.

        `feed` is empty where the post's own receipt is not known, but that of an edit.
        """
        if feed:
            self._note(post_id, (feed, position))
        self._duplicates.remember(post_id, key_text, cluster)

    def _reason_to_drop(
        self, item: RawPost, post_id: str, folded: str, brands: tuple[str, ...]
    ) -> DropReason | None:
        if not folded:
            return "empty_text"
        if not brands:
            return "no_brand"
        receipt = (item.feed, item.position)
        return "repeat" if self._receipts.get(post_id, receipt) != receipt else None

    def _author(self, source: str, author: str) -> str:
        return pseudonym(source, author, self._author_key) if self._author_key else author

    def _find_named(self, text: str) -> tuple[str, tuple[str, ...]]:
        folded = fold(text)
        return folded, self._matcher.match_folded(folded)

    def _note(self, post_id: str, receipt: tuple[str, int]) -> None:
        self._receipts[post_id] = receipt
        if len(self._receipts) > self._limit:
            self._receipts.popitem(last=False)


def _find_meant(folded: str) -> tuple[str, bool]:
    return key_of_folded(folded), is_spam_folded(folded)
