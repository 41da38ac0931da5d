"""Simulated posts: the same for a seed, and what the truth says."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from processors.arrivals import Arrival
from processors.duplicates import DuplicateClusters
from processors.match import BrandMatcher, WatchedBrand
from processors.normalise import key_text
from processors.records import RawPost
from processors.simulate import simulate, simulate_meant, truth
from processors.simulate_plan import (
    SIMULATED_BRANDS,
    Crisis,
    DayPlan,
    Hype,
    Meant,
    Outage,
    Storm,
    demo_plan,
    load_plan,
)

DAY = datetime(2026, 3, 4, tzinfo=UTC)
SEED = 7
PLAN = demo_plan(DAY)

Posts = list[tuple[Arrival, RawPost, Meant]]


def at(hour: int, minute: int = 0) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minute)


@pytest.fixture(scope="module")
def day() -> Posts:
    return posts_of(PLAN, SEED)


def posts_of(plan: DayPlan, seed: int) -> Posts:
    found = []
    for arrival, meant in simulate_meant(plan, seed=seed):
        assert isinstance(arrival.item, RawPost)
        found.append((arrival, arrival.item, meant))
    return found


def test_a_seed_gives_the_same_arrivals_and_another_does_not(day: Posts) -> None:
    arrivals = [arrival for arrival, _, _ in day]
    assert list(simulate(PLAN, seed=SEED)) == arrivals
    assert list(islice(simulate(PLAN, seed=SEED + 1), 50)) != arrivals[:50]


def test_arrivals_are_numbered_in_order_and_later_than_published(day: Posts) -> None:
    assert [arrival.position for arrival, _, _ in day] == list(range(len(day)))
    assert all(one.at <= two.at for (one, _, _), (two, _, _) in pairwise(day))
    for arrival, post, _ in day:
        assert post.published_at <= post.observed_at == arrival.at
        assert (post.feed, post.position, post.received_at) == (
            "simulated",
            arrival.position,
            None,
        )
    assert len({post.native_id for _, post, _ in day}) == len(day)
    assert PLAN.start <= min(post.published_at for _, post, _ in day)
    assert max(post.published_at for _, post, _ in day) < PLAN.end


def test_the_feed_is_the_callers() -> None:
    first = next(simulate(PLAN, seed=SEED, feed="demo-1")).item
    assert isinstance(first, RawPost)
    assert (first.feed, first.source) == ("demo-1", "simulated")


@pytest.mark.parametrize("seed", [SEED, 8, 9])
def test_truth_is_what_was_generated(seed: int) -> None:
    # Brands are read from the texts, with the aliases that the line is given.
    matcher = BrandMatcher([WatchedBrand(brand.name, brand.aliases) for brand in SIMULATED_BRANDS])
    posts = posts_of(PLAN, seed)
    told = truth(PLAN, seed=seed)
    assert told.posts == len(posts)
    assert 8_000 < told.posts < 10_000
    counted = Counter(matcher.match(post.text) for _, post, _ in posts)
    assert counted == {(name,): brand.posts for name, brand in told.brands.items()}
    for name, brand in told.brands.items():
        assert brand.negative + brand.neutral + brand.positive == brand.posts
        labels = Counter(meant.label for _, _, meant in posts if meant.brand == name)
        assert labels["negative"] == brand.negative
        assert brand.copies == sum(m.is_copy for _, _, m in posts if m.brand == name)
    reposts = sum(bool(post.repost_of) for _, post, _ in posts)
    assert 0 < reposts <= sum(brand.copies for brand in told.brands.values())


def test_originals_are_distinct_to_the_scorer(day: Posts) -> None:
    keys = [key_text(post.text) for _, post, meant in day if not meant.is_copy]
    assert len(set(keys)) == len(keys)


def test_moods_without_events_are_the_brands(day: Posts) -> None:
    for brand in SIMULATED_BRANDS:
        labels = Counter(
            meant.label
            for _, _, meant in day
            if meant.brand == brand.name and meant.origin in ("base", "hype")
        )
        share = labels["negative"] / labels.total()
        assert share == pytest.approx(brand.negative, abs=0.05)
        assert 0.12 <= brand.negative <= 0.30


def test_other_languages_are_few_and_evenly_spread(day: Posts) -> None:
    usual = [(post, meant) for _, post, meant in day if meant.origin == "base"]
    for start in range(0, 24, 6):
        six_hours = [m for p, m in usual if at(start) <= p.published_at < at(start + 6)]
        share = sum(meant.language != "en" for meant in six_hours) / len(six_hours)
        assert 0.03 < share < 0.10
    assert {meant.language for _, meant in usual} == {"en", "es", "de", "fr", "zh"}


def test_nights_are_quiet_and_weekends_quieter(day: Posts) -> None:
    hours = Counter(post.published_at.hour for _, post, meant in day if meant.origin == "base")
    assert max(hours[hour] for hour in range(5)) * 2 < hours[12]
    saturday = truth(demo_plan(DAY + timedelta(days=3)), seed=SEED)
    assert saturday.posts < 0.95 * len(day)


def test_in_the_outage_nothing_arrives_and_then_all_of_it(day: Posts) -> None:
    outage = next(event for event in PLAN.events if isinstance(event, Outage))
    assert not [arrival for arrival, _, _ in day if outage.start <= arrival.at < outage.end]
    late = [
        arrival
        for arrival, post, _ in day
        if outage.start <= post.published_at < outage.end and arrival.at >= outage.end
    ]
    backlog = truth(PLAN, seed=SEED).events[0]
    assert (backlog.kind, backlog.brand) == ("outage", "")
    assert len(late) > 200
    # A post published just before it can be on its way when it starts.
    assert len(late) <= backlog.posts <= len(late) + 3
    assert max(arrival.at for arrival in late) <= outage.end + outage.drain


def test_the_hype_is_volume_in_the_same_mood(day: Posts) -> None:
    hype = next(event for event in PLAN.events if isinstance(event, Hype))
    hour = [
        meant
        for _, post, meant in day
        if meant.brand == hype.brand and hype.start <= post.published_at < hype.end
    ]
    before = sum(
        meant.brand == hype.brand
        and hype.start - timedelta(hours=1) <= post.published_at < hype.start
        for _, post, meant in day
    )
    assert 3 < len(hour) / before < 5
    share = sum(meant.label == "negative" for meant in hour) / len(hour)
    brand = next(brand for brand in SIMULATED_BRANDS if brand.name == hype.brand)
    assert share == pytest.approx(brand.negative, abs=0.06)
    assert [m for m in hour if m.origin == "hype"]
    told = truth(PLAN, seed=SEED).events[1]
    assert told.posts == sum(meant.origin == "hype" for _, _, meant in day)


def test_the_storm_is_one_voice_of_many_accounts(day: Posts) -> None:
    storm = next(event for event in PLAN.events if isinstance(event, Storm))
    posts = [(post, meant) for _, post, meant in day if meant.origin == "storm"]
    assert len(posts) == storm.copies + 1 == truth(PLAN, seed=SEED).events[2].posts
    assert {meant.label for _, meant in posts} == {"negative"}
    assert all(storm.start <= post.published_at < storm.end for post, _ in posts)
    assert [meant.is_copy for _, meant in posts] == [False] + [True] * storm.copies
    first = posts[0][0]
    marked = [post for post, _ in posts if post.repost_of]
    assert {post.repost_of for post in marked} == {first.native_id}
    assert len(marked) > 0.6 * storm.copies
    assert len({post.author for post, _ in posts}) > 250
    clusters = DuplicateClusters()
    found = [clusters.assign(post.native_id, key_text(post.text)) for post, _ in posts]
    assert sum(not cluster.is_duplicate for cluster in found) == 1


def test_the_crisis_is_many_voices_about_one_thing(day: Posts) -> None:
    crisis = next(event for event in PLAN.events if isinstance(event, Crisis))
    posts = [(post, meant) for _, post, meant in day if meant.origin == "crisis"]
    assert len(posts) == crisis.posts == truth(PLAN, seed=SEED).events[3].posts
    assert all(crisis.start <= post.published_at < crisis.end for post, _ in posts)
    first, meant = posts[0]
    assert "battery fire" in first.text.lower()
    assert meant.label == "negative"
    assert first.followers > 5_000
    assert sum("battery fire" in post.text.lower() for post, _ in posts) > 0.6 * len(posts)
    assert sum(meant.label == "negative" for _, meant in posts) > 0.8 * len(posts)
    assert len({post.author for post, _ in posts}) > 0.8 * len(posts)
    originals = [post for post, meant in posts if not meant.is_copy]
    assert 0.6 * len(posts) < len(originals) < 0.9 * len(posts)
    clusters = DuplicateClusters()
    voices = [clusters.assign(post.native_id, key_text(post.text)) for post in originals]
    assert sum(not cluster.is_duplicate for cluster in voices) > 0.85 * len(originals)


def test_the_crisis_ramps_up_and_fades(day: Posts) -> None:
    start = at(20)
    minutes = [(p.published_at - start) for _, p, m in day if m.origin == "crisis"]

    def per_minute(begin: int, end: int) -> float:
        inside = sum(timedelta(minutes=begin) <= m < timedelta(minutes=end) for m in minutes)
        return inside / (end - begin)

    assert per_minute(0, 8) < 0.6 * per_minute(15, 30)
    assert per_minute(80, 105) < 0.25 * per_minute(15, 30)


@pytest.mark.parametrize("reposts", [0.0, 0.6])
def test_a_load_has_exactly_its_posts_rate_and_repeats(reposts: float) -> None:
    plan = load_plan(3_000, start=DAY, rate=100.0, reposts=reposts)
    posts = [arrival.item for arrival in simulate(plan, seed=1)]
    texts = [post.text for post in posts if isinstance(post, RawPost)]
    assert len(texts) == 3_000
    distinct = len({key_text(text) for text in texts})
    if reposts:
        assert distinct / len(texts) == pytest.approx(1 - reposts, abs=0.03)
    else:
        assert distinct == len(texts)
    times = [post.published_at for post in posts if isinstance(post, RawPost)]
    assert max(times) - min(times) == timedelta(seconds=29.99)
    assert truth(plan, seed=1).events == ()
    assert sum(brand.posts for brand in truth(plan, seed=1).brands.values()) == 3_000


def test_a_crisis_shorter_than_its_ramp_is_refused() -> None:
    crisis = Crisis(brand="Northwind", start=at(1), end=at(1, 10), posts=5)
    plan = DayPlan(start=DAY, end=at(2), brands=SIMULATED_BRANDS, events=(crisis,))
    with pytest.raises(ValueError, match="ramp"):
        list(simulate(plan, seed=1))
