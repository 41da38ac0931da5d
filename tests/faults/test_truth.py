"""The harness itself: its truth is what its posts say, and it sees a difference."""

from itertools import combinations

import msgspec
import pytest

from infra.migrate import migrate
from infra.store import Store
from processors.normalise import key_text
from processors.sketch import SHINGLE
from tests.faults.figures import Figures, differences, read_figures
from tests.faults.posts import make_posts, truth_of


def test_distinct_texts_have_less_than_half_in_common() -> None:
    posts = [post for post in make_posts(3, 700) if post.outcome == "stored"]
    shingles = []
    for text in dict.fromkeys(post.text for post in posts):
        key = key_text(text)
        shingles.append({key[i : i + SHINGLE] for i in range(len(key) - SHINGLE + 1)})
    likeness = max(len(a & b) / len(a | b) for a, b in combinations(shingles, 2))
    assert 0.2 < likeness < 0.5


def test_the_same_seed_makes_the_same_posts() -> None:
    assert make_posts(1, 50) == make_posts(1, 50) != make_posts(2, 50)


def test_an_empty_database_has_counted_nothing(store: Store) -> None:
    migrate(store)
    found = read_figures(store)
    nothing = Figures(receipts={}, dead_letters={}, posts=0, buckets={}, clusters={}, voices={})
    assert found == nothing
    assert not differences(found, nothing)


@pytest.mark.parametrize("part", ["receipts", "dead_letters", "buckets", "clusters", "voices"])
def test_one_more_or_less_of_anything_is_seen(part: str) -> None:
    truth = truth_of(make_posts(1, 300))
    counts = dict(getattr(truth, part))
    name = next(iter(counts))
    for wrong in (counts[name] + 1, counts[name] - 1):
        found = msgspec.structs.replace(truth, **{part: {**counts, name: wrong}})
        assert differences(found, truth) == (f"{part} {name}: {wrong}, should be {counts[name]}")
    assert differences(msgspec.structs.replace(truth, posts=1), truth)
