"""What is known of a post: its first sights, every edit of it, whether it was erased.

All of it only ever grows, and what follows from it does not depend on the order in which it came:
two processes that write about one post agree as soon as both have seen everything.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from processors.version import version_of

FIRST = version_of()
"""Version of the text as first published."""


class Key(Struct, frozen=True):
    """A first sight: what it fixes for ever."""

    published_at: datetime
    feed: str  # empty: an edit came before the post, which nobody owns yet
    position: int
    brands: tuple[str, ...]  # as first published: none where an edit came first


class Known(Struct, frozen=True):
    """One post. There is more than one owner only where two processes saw it at the same time.

    >>> march = datetime(2026, 3, 1, tzinfo=UTC)
    >>> known = Known(frozenset([Key(march, "f", 1, ("Acme",))]), {99 << 21: ("Bolt",)})
    >>> known.brands, sorted(known.left)
    (('Bolt',), ['Acme'])
    """

    keys: frozenset[Key] = frozenset()
    edits: dict[int, tuple[str, ...]] = {}  # version -> brands
    erased: bool = False

    @property
    def published_at(self) -> datetime:
        """When it counts; of a post never seen, at the end of time.

        An edit's first sight before the owner's: where two processes had one each, the text that
        counts is the edit's, and only its process could move its rows.
        """
        unowned = [key.published_at for key in self.keys if not key.feed]
        if unowned:
            return min(unowned)
        return self.owner.published_at if self.owner else datetime.max.replace(tzinfo=UTC)

    @property
    def owner(self) -> Key | None:
        """The receipt that it belongs to, None while only edits came."""
        owners = [key for key in self.keys if key.feed]
        if len(owners) < 2:
            return owners[0] if owners else None
        return min(owners, key=lambda key: (key.feed, key.position))

    @property
    def newest(self) -> int:
        """Version of the text that counts."""
        return max(self.edits, default=FIRST)

    @property
    def rivals(self) -> int:
        """How many first sights are known besides the one it takes.

        Who has seen more of them writes the higher version (processors.version.contested): then a
        row does not count whose writer slept, and a place that was given up can be taken again. An
        edit that came before its post is none: the post's first sight takes over its time.
        """
        if len(self.keys) < 2:
            return 0
        times = {key.published_at for key in self.keys}
        is_calm = len(self.keys) == 2 and len(times) == 1 and not all(k.feed for k in self.keys)
        return 0 if is_calm else len(self.keys) - 1

    @property
    def brands(self) -> tuple[str, ...]:
        """Brands that the text that counts is about."""
        if self.edits:
            return self.edits[self.newest]
        return self.owner.brands if self.owner else ()

    @property
    def ever(self) -> set[str]:
        """Brands that any of its texts was about."""
        first = (brand for key in self.keys for brand in key.brands)
        return {*first, *(brand for brands in self.edits.values() for brand in brands)}

    @property
    def left(self) -> set[str]:
        """Brands that it was about and is no more."""
        if not self.edits and len(self.keys) == 1:  # most posts: for speed
            return set()
        return self.ever - set(self.brands)

    @property
    def places(self) -> list[datetime]:
        """The times under which rows of it can be: one for each hour, as the table is sorted."""
        first = {key.published_at for key in self.keys}
        return list({at.replace(minute=0, second=0, microsecond=0): at for at in first}.values())

    @property
    def misplaced(self) -> list[datetime]:
        """Those of `places` where no row of it belongs."""
        if len(self.keys) == 1:
            return []
        hour = (self.published_at.date(), self.published_at.hour)
        return [at for at in self.places if (at.date(), at.hour) != hour]


class OnDisk(Struct, frozen=True):
    """What a database knows of some posts and their authors."""

    posts: Mapping[str, Known] = {}
    authors: Mapping[str, datetime] = {}  # `source:author` -> until when its posts are erased
