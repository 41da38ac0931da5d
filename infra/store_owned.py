"""A database through which one process does everything: it knows what nobody has written yet.

Whoever writes a post has to know what is on disk of it, and afterwards whether somebody else wrote
of it meanwhile. A process through whose hands every write goes can mostly answer both by itself.
"""

import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from infra.sql import load
from infra.store import Param, Row, Store
from processors.sightings import Sightings

CLAIMS: Final[Mapping[str, str]] = {
    "post_keys": "post_id",
    "post_edits": "post_id",
    "erasures": "id",
}
"""Tables of what is known of posts, and the column with the name that it is known under."""
PAGE: Final = 250_000
"""Ids read at once."""
_AUTHORS_BITS: Final = 1 << 24


class OwnedStore:
    """A `Store` over one that nobody else writes to, by any other way than through this.

    What was there before is read a page a question; until then everything may have been there.
    """

    def __init__(self, store: Store, *, page: int = PAGE) -> None:
        self._store = store
        self._page = page
        self._posts = Sightings()
        self._authors = Sightings(_AUTHORS_BITS)
        self._reading = threading.Lock()
        self._counting = threading.Lock()
        self._claims = 0
        self._inserts: Counter[str] = Counter()
        self._commands = 0
        self._after: str | None = ""  # hex of the last id read; None: all are
        self._reads = 0

    @property
    def claims(self) -> int:
        """How often something was written to the tables of CLAIMS.

        If somebody's write of these has returned, and so can be what someone goes by, it counts.
        """
        return self._claims

    def writes(self, tables: Collection[str]) -> int:
        """How often something may have been written to these tables: counts as `claims` does."""
        with self._counting:
            return self._commands + sum(self._inserts[table] for table in tables)

    def maybe_known(
        self, ids: Sequence[str], authors: Sequence[str]
    ) -> tuple[Sequence[str], Sequence[str]]:
        """Those of the posts and authors of which something may be in the tables of CLAIMS.

        Of all others nothing was there at a moment of this call. Raises as `Store` does.
        """
        if not self._has_read_on():
            return ids, authors
        return self._posts.among(ids), self._authors.among(authors)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        try:
            self._store.insert(table, columns, rows)
        finally:  # after an error it is open what can be seen of it
            with self._counting:
                self._inserts[table] += 1
            if table in CLAIMS and rows:
                self._note(columns, rows, CLAIMS[table])

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        return self._store.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        try:
            self._store.command(sql, params)
        finally:
            with self._counting:
                self._commands += 1
            if any(table in sql for table in CLAIMS):
                self._read_again()

    def close(self) -> None:
        self._store.close()

    def _note(self, columns: Sequence[str], rows: Sequence[Sequence[Any]], named: str) -> None:
        try:
            at = columns.index(named)
            if "scope" not in columns:
                self._posts.add([row[at] for row in rows])
            else:
                scope = columns.index("scope")
                self._posts.add([row[at] for row in rows if row[scope] == "post"])
                self._authors.add([row[at] for row in rows if row[scope] != "post"])
        except BaseException:
            self._read_again()  # rows without a name, or not of text: ask the database for it
            raise
        # After they were noted: whoever sees that nothing was counted has not missed them either.
        with self._counting:
            self._claims += 1

    def _has_read_on(self) -> bool:
        """Whether all was read that had been there before. If not, read a page more."""
        if self._after is None:
            return True
        with self._reading:
            reads, after = self._reads, self._after
            if after is not None:
                last = self._read_page(after)
                with self._counting:
                    if reads == self._reads:  # else it begins again
                        self._after = last
            return self._after is None

    def _read_page(self, after: str) -> str | None:
        """Read a page; return the hex of the last id of it, None if it is the last page."""
        if not after:
            [(found,)] = self._store.query(load("seen_authors"))
            self._authors.add_digests(_bytes(found))
        asked: dict[str, Param] = {"after": after, "most": self._page}
        [(last, found)] = self._store.query(load("seen_posts"), asked)
        digests = _bytes(found)
        self._posts.add_digests(digests)
        return str(last) if len(digests) == 16 * self._page else None

    def _read_again(self) -> None:
        with self._counting:
            self._reads += 1
            self._after = ""
            self._claims += 1


def _bytes(found: str | bytes) -> bytes:
    """What a store gives as text where it happens to be UTF-8."""
    return found if isinstance(found, bytes) else found.encode()
