from collections import deque
from hashlib import blake2b
from math import ceil
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from processors import near
from processors.duplicates import Cluster, DuplicateClusters
from processors.said import MIN_CHARS, hash64, said
from processors.sketch import PLACES, sketches

TEXT = "the battery of my new phone caught fire on the plane"


def test_the_first_is_a_voice_and_repeats_are_not():
    clusters = DuplicateClusters()
    first = clusters.assign("x:1", TEXT)
    assert not first.is_duplicate
    repeat = Cluster(first.id, is_duplicate=True, first_said_by=hash64("x:1"))
    assert clusters.assign("x:2", TEXT) == repeat
    assert clusters.assign("x:3", TEXT + "!!") == repeat
    assert clusters.assign("x:4", "via @user " + TEXT) == repeat


def test_another_text_is_another_voice():
    clusters = DuplicateClusters()
    first = clusters.assign("x:1", TEXT)
    second = clusters.assign("x:2", "they refunded my ticket within a day, what a company")
    assert second.id != first.id
    assert not second.is_duplicate


def test_short_texts_are_the_same_only_when_equal():
    clusters = DuplicateClusters()
    # who is addressed makes no text longer
    first = clusters.assign("x:1", "@user thank you guys all")
    assert not clusters.assign("x:2", "@user thank you guys all!").is_duplicate
    assert clusters.assign("x:3", "@user thank you guys all") == Cluster(
        first.id, is_duplicate=True, first_said_by=hash64("x:1")
    )


def test_an_id_depends_on_the_first_text_alone_and_fits_64_bits():
    first = DuplicateClusters().assign("x:1", TEXT)
    busy = DuplicateClusters()
    busy.assign("y:1", "they refunded my ticket within a day, what a company")
    assert busy.assign("y:2", TEXT) == first
    # blake2b of the text in 8 bytes, as the first of any run would say
    assert first.id == int.from_bytes(blake2b(TEXT.encode(), digest_size=8).digest(), "big")
    assert 0 <= first.id < 2**64


def test_a_redelivered_post_is_no_duplicate_of_itself():
    clusters = DuplicateClusters()
    first = clusters.assign("x:1", TEXT)
    clusters.assign("x:2", TEXT)
    assert clusters.assign("x:1", TEXT) == first
    # an edited text does not move a post either
    assert clusters.assign("x:1", "something else entirely, said later on") == first


def test_the_oldest_leaves():
    clusters = DuplicateClusters(limit=2)
    clusters.assign("x:1", TEXT)
    clusters.assign("x:2", "b" * 30)
    clusters.assign("x:3", "c" * 30)
    assert not clusters.assign("x:4", TEXT).is_duplicate


def test_a_wave_outlives_its_first_post():
    clusters = DuplicateClusters(limit=3)
    first = clusters.assign("x:0", TEXT)
    for i in range(1, 10):
        assert clusters.assign(f"x:{i}", f"{TEXT} {i}") == Cluster(
            first.id, is_duplicate=True, first_said_by=hash64("x:0")
        )


def test_a_thousand_variants_are_one_voice():
    clusters = DuplicateClusters()
    found = [clusters.assign(f"x:{i}", f"{TEXT} code {i}") for i in range(1000)]
    assert len({cluster.id for cluster in found}) == 1
    assert sum(not cluster.is_duplicate for cluster in found) == 1


def test_only_the_newest_texts_of_a_cluster_are_compared_with():
    # each window of the line is near the next one and far from those behind it
    line = "we waited nine long hours at gate four with two small kids and no food or water at all"
    windows = [" ".join(line.split()[i : i + 12]) for i in range(7)]
    narrow, wide = DuplicateClusters(breadth=1), DuplicateClusters()
    for clusters in (narrow, wide):
        found = [clusters.assign(f"x:{i}", text) for i, text in enumerate(windows)]
        assert len({cluster.id for cluster in found}) == 1
    near_the_first = "so " + windows[0]
    assert wide.assign("y:1", near_the_first).is_duplicate
    assert not narrow.assign("y:1", near_the_first).is_duplicate
    # an equal text is found however old, and is the newest from then on
    assert narrow.assign("y:2", windows[0]).is_duplicate
    assert narrow.assign("y:3", windows[0] + " !").is_duplicate


def test_a_text_that_comes_again_and_again_stays_among_the_newest():
    line = "we waited nine long hours at gate four with two small kids and no food or water at all"
    windows = [" ".join(line.split()[i : i + 12]) for i in range(5)]
    clusters = DuplicateClusters(breadth=2)
    first = clusters.assign("x:0", windows[0])
    for i, text in enumerate(windows[1:], start=1):
        assert clusters.assign(f"x:{i}", text).id == first.id
        if i < 4:
            assert clusters.assign(f"y:{i}", windows[0]).id == first.id
    assert clusters.assign("z:1", "so " + windows[0]).id == first.id


@pytest.mark.parametrize("bad", [{"limit": 0}, {"breadth": 0}])
def test_a_memory_of_nothing_is_refused(bad: dict[str, int]):
    with pytest.raises(ValueError, match="at least 1"):
        DuplicateClusters(**bad)


# Texts that are equal, near and far, so that every path is taken
LINE = "we waited nine long hours at gate four with two small kids and no food or water"
windows = st.integers(0, 6).map(lambda start: " ".join(LINE.split()[start : start + 11]))
texts = windows | st.builds(
    lambda stem, tail: (stem + tail).strip(),
    st.sampled_from([TEXT, TEXT[:40], "we waited nine hours at the gate with no food", "ok", ""]),
    st.sampled_from(["", "", "!", " again", " #1", " and nobody said a word about it", TEXT]),
)
ids = st.integers(0, 40).map(str)
posts = st.lists(st.tuples(st.integers(0, 15).map(str), texts), max_size=60)
limits = st.integers(1, 12)
breadths = st.integers(1, 3)
numbered = st.lists(texts, max_size=60).map(
    lambda found: [(str(i), t) for i, t in enumerate(found)]
)


@settings(deadline=None)
@given(posts)
def test_redelivery_changes_no_answer(stream: list[tuple[str, str]]):
    clusters = DuplicateClusters()
    answers: dict[str, Cluster] = {}
    for post_id, text in stream:
        assert clusters.assign(post_id, text) == answers.setdefault(
            post_id, clusters.assign(post_id, text)
        )
    once = DuplicateClusters()
    firsts = dict(reversed(stream))
    assert {i: once.assign(i, firsts[i]) for i in dict.fromkeys(i for i, _ in stream)} == answers


@settings(deadline=None)
@given(numbered)
def test_each_cluster_has_one_voice_and_its_hash(stream: list[tuple[str, str]]):
    clusters = DuplicateClusters()
    seen: dict[int, str] = {}
    for post_id, text in stream:
        cluster = clusters.assign(post_id, text)
        repeats = cluster.id in seen and len(text) >= MIN_CHARS
        assert cluster.is_duplicate == repeats
        seen.setdefault(cluster.id, text)
    for cluster_id, text in seen.items():
        assert DuplicateClusters().assign("x", text).id == cluster_id


@settings(deadline=None)
@given(numbered, numbered, limits, breadths)
@example(
    [(str(i), f"{TEXT} {i}") for i in range(30)], [(str(i), f"{TEXT} {i}") for i in range(9)], 12, 3
)
def test_remembering_the_last_posts_is_having_lived_through_all(
    before: list[tuple[str, str]], after: list[tuple[str, str]], limit: int, breadth: int
):
    lived = DuplicateClusters(limit=limit, breadth=breadth)
    rebuilt = DuplicateClusters(limit=limit, breadth=breadth)
    stored = [(i, text, lived.assign(i, text)) for i, text in before]
    for i, text, cluster in stored[-limit:]:
        rebuilt.remember_all([(i, said(text))], [cluster])
    for i, text in after:
        assert lived.assign(f"later:{i}", text) == rebuilt.assign(f"later:{i}", text)


def test_a_repeat_that_does_not_know_whose_it_is_tells_nothing():
    clusters = DuplicateClusters()
    knows = Cluster(7, is_duplicate=True, first_said_by=hash64("x:1"))
    clusters.remember_all(
        [("x:2", said(TEXT)), ("x:3", said(TEXT))], [knows, Cluster(7, is_duplicate=True)]
    )
    assert clusters.assign("x:1", TEXT) == Cluster(7, is_duplicate=False)


def test_remembering_twice_is_remembering_once():
    clusters = DuplicateClusters(limit=2)
    for _ in range(3):
        clusters.remember_all([("x:1", said(TEXT))], [Cluster(7, is_duplicate=False)])
    clusters.remember_all([("x:2", said("b" * 30))], [Cluster(8, is_duplicate=False)])
    assert clusters.assign("x:1", TEXT) == Cluster(7, is_duplicate=False)
    assert clusters.assign("x:3", TEXT) == Cluster(7, True, hash64("x:1"))


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=30))
def test_a_voice_that_comes_after_its_repeats_were_stored_is_a_voice(
    stream: list[tuple[int, bool]],
):
    posts = [(f"x:{i}", f"{text} {TEXT} {text}") for i, (text, _) in enumerate(stream)]
    answers = dict(
        zip(posts, map(DuplicateClusters().assign, *zip(*posts, strict=True)), strict=True)
    )
    stored = [post for post, (_, is_stored) in zip(posts, stream, strict=True) if is_stored]
    after = DuplicateClusters()
    after.remember_all(
        [(post_id, said(text)) for post_id, text in stored], [answers[post] for post in stored]
    )
    assert {post: after.assign(*post) for post in posts} == answers


def test_what_several_processes_stored_at_odds_is_taken_in():
    # two partitions may have put one text into two clusters; the later one wins here
    clusters = DuplicateClusters(limit=7, breadth=2)
    for i in range(24):
        clusters.remember_all(
            [(f"x:{i}", said(f"{TEXT} {i % 4}"))], [Cluster(i % 3, is_duplicate=i > 2)]
        )
    assert clusters.assign("y:1", f"{TEXT} 3") == Cluster(23 % 3, is_duplicate=True)


class OneByOne:
    """The rules and nothing else: every text beside every other."""

    def __init__(self, *, limit: int, breadth: int) -> None:
        self.limit, self.breadth, self.least = limit, breadth, ceil(0.7 * PLACES)
        self.posts: dict[str, tuple[Cluster, str]] = {}  # oldest first
        self.clusters: dict[str, int] = {}  # of each text that a post has, the newest last
        self.said_by: dict[str, int] = {}
        self.listed: dict[int, list[str]] = {}

    def take(self, post_id: str, text: str, given: Cluster | None) -> Cluster:
        if post_id in self.posts:
            return self.posts[post_id][0]
        cluster = given or self.choose(post_id, text)
        said_by = cluster.first_said_by if cluster.is_duplicate else hash64(post_id)
        if self.clusters.get(text) == cluster.id:
            said_by = said_by or self.said_by[text]
        self.said_by[text] = said_by
        if self.clusters.pop(text, cluster.id) != cluster.id:
            self.unlist(text)
        self.clusters[text] = cluster.id
        if said(text).compared:
            self.unlist(text)
            self.listed[cluster.id] = [*self.listed.get(cluster.id, []), text][-self.breadth :]
        self.posts[post_id] = cluster, text
        if len(self.posts) > self.limit:
            _, oldest = self.posts.pop(next(iter(self.posts)))
            if oldest not in [other for _, other in self.posts.values()]:
                self.unlist(oldest)
                del self.clusters[oldest]
        return cluster

    def choose(self, post_id: str, text: str) -> Cluster:
        found, other = self.clusters.get(text), text
        if found is None and said(text).compared:
            newest = list(self.clusters)
            every = [other for some in self.listed.values() for other in some]
            alike = [(self.alike(text, other), newest.index(other), other) for other in every]
            count, _, other = max(alike, default=(0, 0, ""))
            found = self.clusters[other] if count >= self.least else None
        if found is None:
            return Cluster(said(text).digest, is_duplicate=False)
        if len(text) < MIN_CHARS or self.said_by[other] == hash64(post_id):
            return Cluster(found, is_duplicate=False)
        return Cluster(found, is_duplicate=True, first_said_by=self.said_by[other])

    def alike(self, text: str, other: str) -> int:
        one, two = sketches([said(text).compared]), sketches([said(other).compared])
        return int((one == two).sum()) if (one.view("u4") == two.view("u4")).any() else 0

    def unlist(self, text: str) -> None:
        for some in self.listed.values():
            if text in some:
                some.remove(text)


@settings(deadline=None)
@given(
    st.lists(st.tuples(ids, texts, st.sampled_from([None] * 6 + [Cluster(5, True)])), max_size=60),
    st.lists(st.integers(1, 20), max_size=5),
    limits,
    breadths,
)
def test_many_at_once_are_as_one_by_one(
    stream: list[tuple[str, str, Cluster | None]], cuts: list[int], limit: int, breadth: int
):
    rules = OneByOne(limit=limit, breadth=breadth)
    wanted = [rules.take(*post) for post in stream]
    clusters = DuplicateClusters(limit=limit, breadth=breadth)
    found: list[Cluster] = []
    for size in (*cuts, len(stream)):
        part = stream[len(found) : len(found) + size]
        some = [(post_id, said(text)) for post_id, text, _ in part]
        found += clusters._take(some, [given for _, _, given in part])
    assert found == wanted


def test_a_memory_that_turns_over_many_times_finds_what_it_holds(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(near, "_MOST_BORN", 3_000)  # so that births are numbered anew, too
    chance = Random(1)
    clusters = DuplicateClusters(limit=700)
    kept: deque[str] = deque(maxlen=700)
    for _ in range(12):
        fresh = [" ".join(f"{chance.random():.6f}" for _ in range(6)) for _ in range(300)]
        some = [*fresh, *chance.sample(list(kept)[-300:], min(len(kept), 90))]
        kept.extend(some)
        found = clusters.assign_all([(str(chance.random()), said(text)) for text in some])
        assert [cluster.is_duplicate for cluster in found] == [False] * 300 + [True] * len(
            some[300:]
        )
        near_ones = [f"{text}!" for text in chance.sample(list(kept)[-600:], 50)]
        kept.extend(near_ones)
        found = clusters.assign_all([(str(chance.random()), said(text)) for text in near_ones])
        assert all(cluster.is_duplicate for cluster in found)
