"""Which posts say (nearly) the same: one voice and its repeats.

Clusters count amplification only. They never share a sentiment: swapping love for hate keeps a
similarity above 0.7 in most posts.
"""

from array import array
from collections.abc import Sequence
from math import ceil
from typing import Final

import numpy as np
from msgspec import Struct

from processors.near import NearIndex, alike_among
from processors.said import Said, hash64, said
from processors.sketch import PLACES, Bytes, sketches

_AT_ONCE: Final = 512
"""Posts of a round: of a flood, all pairs are compared."""


class Cluster(Struct, frozen=True, gc=False):
    """Where a post belongs: `id` is the 64-bit hash of its first member's key_text."""

    id: int
    is_duplicate: bool  # repeats an earlier post
    first_said_by: int = 0
    """Of a duplicate: `hash64` of the id of the post that it repeats; 0: not known.

    That post may be lost on its way to the database and come again after its repeats were stored:
    it is the voice all the same.
    """


class _Text(Struct, gc=False, eq=False):
    """A distinct key_text that some remembered post has."""

    digest: int
    cluster_id: int
    first_said_by: int
    newest: int  # number of the newest post that has it
    row: int = -1  # in the index; -1: not there
    is_listed: bool = False  # is compared with others


class _Round(Struct, gc=False):
    """Texts of one round that may have to be looked for or put into the index."""

    digests: list[int]
    sketches: Bytes
    known: dict[int, list[tuple[int, int]]]
    """By digest: in how many places those in the index are equal, and their digests."""
    among: Bytes
    """In how many places they equal each other."""
    matches: dict[int, tuple[int, int]]
    """By digest: the row in `among`, and how many there are in it."""
    listed: dict[int, _Text]
    """By row: those that others are compared with since this round."""


class DuplicateClusters:
    """Clusters over the last `limit` posts; the oldest leaves first.

    What it answers depends on the remembered (post, text, cluster) triples in their order and on
    nothing else, be they given one by one or many at once: a process that takes in the last `limit`
    stored posts goes on as if it had lived through them.

    With 50,000 distinct tweets it takes 45 MB, full and turning over, with a million 640 MB
    (resident, measured), and 5 to 10 microseconds of CPU a post where many come at once; a flood of
    variants of one text costs 30 to 50.

    `threshold`: Jaccard similarity of 5-character shingles, estimated by sketches (standard error
    0.06), from which two texts are nearly the same. `breadth`: how many of a cluster's newest
    texts others are compared with; a bot's thousand variants would otherwise all be candidates of
    the next one.

    >>> clusters = DuplicateClusters()
    >>> first = clusters.assign("x:1", "the battery of my phone caught fire")
    >>> again = clusters.assign("x:2", "the battery of my phone caught fire!!")
    >>> first.id == again.id, first.is_duplicate, again.is_duplicate
    (True, False, True)
    """

    def __init__(self, *, limit: int = 50_000, threshold: float = 0.7, breadth: int = 8) -> None:
        if limit < 1 or breadth < 1:
            raise ValueError("limit and breadth must be at least 1")
        self._limit = limit
        self._least = ceil(threshold * PLACES)
        self._breadth = breadth
        self._count = 0
        # Of each remembered post; post number n is at place (n - 1) % limit.
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []
        self._digests = array("Q")
        self._clusters = array("Q")
        self._repeats = bytearray()
        self._said_by = array("Q")
        self._texts: dict[int, _Text] = {}
        self._index = NearIndex(limit + _AT_ONCE)
        # Cluster -> its listed texts, oldest first. Tuples: the collector of cycles forgets those.
        self._members: dict[int, tuple[_Text, ...]] = {}
        self._changed: list[_Text] = []  # listed or not, against what the index says
        self._round = self._begin([], sketches([]))

    def assign(self, post_id: str, key_text: str) -> Cluster:
        """`assign_all` of one post."""
        return self.assign_all([(post_id, said(key_text))])[0]

    def assign_all(self, posts: Sequence[tuple[str, Said]]) -> list[Cluster]:
        """The clusters of posts, in their order. The same `post_id` again gets the same answer."""
        return self._take(posts, [None] * len(posts))

    def remember_all(self, posts: Sequence[tuple[str, Said]], clusters: Sequence[Cluster]) -> None:
        """Take in posts whose clusters are known, in the order in which they came."""
        self._take(posts, clusters)

    def _take(
        self, posts: Sequence[tuple[str, Said]], clusters: Sequence[Cluster | None]
    ) -> list[Cluster]:
        found: list[Cluster] = []
        for start in range(0, len(posts), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            found += self._take_some(posts[part], clusters[part])
        return found

    def _take_some(
        self, posts: Sequence[tuple[str, Said]], clusters: Sequence[Cluster | None]
    ) -> list[Cluster]:
        new = {
            text.digest: text.compared
            for _, text in posts
            if text.compared and self._may_need(text.digest, len(posts))
        }
        self._round = self._begin(list(new), sketches(list(new.values())))
        found = []
        for (post_id, text), cluster in zip(posts, clusters, strict=True):
            number = self._numbers.get(post_id)
            if number is not None:
                place = (number - 1) % self._limit
                found.append(
                    Cluster(self._clusters[place], bool(self._repeats[place]), self._said_by[place])
                )
                continue
            if cluster is None:
                cluster = self._choose(post_id, text)
            found.append(cluster)
            self._keep(post_id, text, cluster)
        self._settle(self._round)
        return found

    def _may_need(self, digest: int, posts: int) -> bool:
        """Whether the text must be looked for, or put into the index, within so many posts."""
        text = self._texts.get(digest)
        return text is None or text.row < 0 or text.newest <= self._count + posts - self._limit

    def _begin(self, digests: list[int], made: Bytes) -> _Round:
        known: dict[int, list[tuple[int, int]]] = {}
        numbers, names, counts = self._index.alike(made, self._least)
        for number, name, count in zip(
            numbers.tolist(), names.tolist(), counts.tolist(), strict=True
        ):
            known.setdefault(digests[number], []).append((count, name))
        among = np.zeros((len(digests), len(digests)), np.uint8)
        some, others, alike = alike_among(made, self._least)
        among[some, others] = alike
        among[others, some] = alike
        rows, matches = np.unique(np.concatenate([some, others]), return_counts=True)
        matched = {
            digests[row]: (row, count)
            for row, count in zip(rows.tolist(), matches.tolist(), strict=True)
        }
        return _Round(digests, made, known, among, matched, {})

    def _choose(self, post_id: str, new: Said) -> Cluster:
        text = self._texts.get(new.digest) or self._nearest(new.digest)
        if text is None:
            return Cluster(new.digest, is_duplicate=False)
        # "worst airline ever" from forty people is forty voices, not one that is repeated.
        if new.is_short or text.first_said_by == hash64(post_id):
            return Cluster(text.cluster_id, is_duplicate=False)
        return Cluster(text.cluster_id, is_duplicate=True, first_said_by=text.first_said_by)

    def _nearest(self, digest: int) -> _Text | None:
        """The most similar text; of equally similar ones, the newest."""
        now = self._round
        if digest not in now.known and digest not in now.matches:
            return None
        found = [
            (count, text.newest, text)
            for count, other in now.known.get(digest, ())
            if (text := self._texts.get(other)) is not None and text.is_listed
        ]
        if digest in now.matches:
            row, matches = now.matches[digest]
            counts = now.among[row]
            # Of a flood many match and few are listed; else it is the other way round.
            rows = now.listed if matches > len(now.listed) else np.flatnonzero(counts).tolist()
            found += [
                (count, text.newest, text)
                for other in rows
                if (text := now.listed.get(other)) is not None and (count := int(counts[other]))
            ]
        return max(found)[2] if found else None

    def _keep(self, post_id: str, new: Said, cluster: Cluster) -> None:
        self._count += 1
        number = self._count
        self._numbers[post_id] = number
        digest = new.digest
        text = self._texts.get(digest)
        said_by = cluster.first_said_by if cluster.is_duplicate else hash64(post_id)
        if text is None:
            text = self._texts[digest] = _Text(digest, cluster.id, said_by, number)
        else:
            if text.cluster_id != cluster.id:
                self._unlist(text)
            elif not said_by:
                said_by = text.first_said_by  # a repeat that does not know tells nothing
            text.cluster_id, text.first_said_by, text.newest = cluster.id, said_by, number
        if new.compared:
            self._list(text)
        if number <= self._limit:
            self._ids.append(post_id)
            self._digests.append(digest)
            self._clusters.append(cluster.id)
            self._repeats.append(cluster.is_duplicate)
            self._said_by.append(cluster.first_said_by)
            return
        place = (number - 1) % self._limit
        del self._numbers[self._ids[place]]
        oldest = self._texts[self._digests[place]]
        if oldest.newest == number - self._limit:
            self._unlist(oldest)
            del self._texts[oldest.digest]
        self._ids[place], self._digests[place] = post_id, digest
        self._clusters[place], self._repeats[place] = cluster.id, cluster.is_duplicate
        self._said_by[place] = cluster.first_said_by

    def _list(self, text: _Text) -> None:
        """Make `text` the newest of its cluster's texts that others are compared with."""
        members = self._members.get(text.cluster_id, ())
        if text.is_listed:
            if members[-1] is not text:
                others = (one for one in members if one is not text)
                self._members[text.cluster_id] = (*others, text)
            return
        text.is_listed = True
        self._changed.append(text)
        if match := self._round.matches.get(text.digest):
            self._round.listed[match[0]] = text
        self._members[text.cluster_id] = (*members, text)
        if len(members) >= self._breadth:
            self._unlist(members[0])

    def _unlist(self, text: _Text) -> None:
        if not text.is_listed:
            return
        text.is_listed = False
        self._changed.append(text)
        if match := self._round.matches.get(text.digest):
            self._round.listed.pop(match[0], None)
        others = tuple(one for one in self._members[text.cluster_id] if one is not text)
        if others:
            self._members[text.cluster_id] = others
        else:
            del self._members[text.cluster_id]

    def _settle(self, now: _Round) -> None:
        """Bring the index to what is listed."""
        changed, self._changed = self._changed, []
        gone = list({text.row for text in changed if not text.is_listed and text.row >= 0})
        if gone:
            self._index.drop(gone)
        new = {text.digest for text in changed if text.is_listed and text.row < 0}
        for text in changed:
            if not text.is_listed:
                text.row = -1
        if new:
            rows = [row for row, digest in enumerate(now.digests) if digest in new]
            names = np.array([now.digests[row] for row in rows], np.uint64)
            for digest, row in self._index.put(now.sketches[rows], names).items():
                self._texts[digest].row = row
