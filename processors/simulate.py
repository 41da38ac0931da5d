"""Simulated posts: a seed and a plan give the same arrivals, with the same positions, always.

Everything is invented: brands, people, texts, links (example.com). Wherever these posts are
shown they are called simulated; their source is `simulated`.
"""

import heapq
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, get_args

import msgspec

from processors.arrivals import Arrival
from processors.records import Label, RawPost
from processors.simulate_day import Uniform, day_slots, load_slots
from processors.simulate_plan import (
    BrandTruth,
    Crisis,
    DayPlan,
    Event,
    EventTruth,
    Hype,
    LoadPlan,
    Meant,
    Outage,
    Plan,
    Storm,
    Truth,
)
from processors.simulate_posts import SOURCE, Scribe

_MAX_LAG = timedelta(seconds=2)  # from publishing to the feed seeing it


def simulate(plan: Plan, *, seed: int, feed: str = SOURCE) -> Iterator[Arrival]:
    """Yield the posts of `plan` in order of arrival, `position` counting from 0.

    To go on after a stop, skip the positions already seen. `at` is when the post reaches the
    feed, up to 2 s after it was published, or after an outage. `native_id` is made of day, seed
    and number, so plans of the same day and seed share their ids.
    """
    for arrival, _meant in simulate_meant(plan, seed=seed, feed=feed):
        yield arrival


def simulate_meant(plan: Plan, *, seed: int, feed: str = SOURCE) -> Iterator[tuple[Arrival, Meant]]:
    """Yield each arrival of `simulate` with what is meant by it: the labels of the truth."""
    uniform = random.Random(seed).random
    outages = _outages(plan)
    waiting: list[tuple[float, int, RawPost, Meant]] = []
    position = 0

    def arrived(until: float) -> Iterator[tuple[Arrival, Meant]]:
        nonlocal position
        while waiting and waiting[0][0] <= until:
            seconds, _number, post, meant = heapq.heappop(waiting)
            at = plan.start + timedelta(seconds=seconds)
            item = msgspec.structs.replace(post, observed_at=at, feed=feed, position=position)
            yield Arrival(at=at, position=position, item=item), meant
            position += 1

    for number, (post, meant) in enumerate(_posts(plan, seed, uniform)):
        # Whoever is still to come arrives after being published: all before that can leave.
        published = (post.published_at - plan.start).total_seconds()
        yield from arrived(published)
        seen = post.published_at + _MAX_LAG * uniform()
        for outage in outages:
            if outage.start <= seen < outage.end:
                late = (seen - outage.start) / (outage.end - outage.start)
                seen = outage.end + outage.drain * late
        entry = ((seen - plan.start).total_seconds(), number, post, meant)
        heapq.heappush(waiting, entry)
    yield from arrived(float("inf"))


def truth(plan: Plan, *, seed: int) -> Truth:
    """Return what `simulate` yields for `plan` and `seed`, counted by brand and intent."""
    counts = {brand.name: Counter[str]() for brand in plan.brands}
    origins: Counter[tuple[str, str]] = Counter()
    late: Counter[Outage] = Counter()
    outages = _outages(plan)
    for arrival, meant in simulate_meant(plan, seed=seed):
        counts[meant.brand].update(("posts", meant.label, *(["copies"] if meant.is_copy else [])))
        origins[meant.brand, meant.origin] += 1
        if isinstance(arrival.item, RawPost):
            published = arrival.item.published_at
            late.update(o for o in outages if published < o.end <= arrival.at)
    brands = {
        name: BrandTruth(
            posts=count["posts"],
            copies=count["copies"],
            **{label: count[label] for label in get_args(Label)},
        )
        for name, count in counts.items()
    }
    events = plan.events if isinstance(plan, DayPlan) else ()
    return Truth(
        posts=sum(brand.posts for brand in brands.values()),
        brands=brands,
        events=tuple(_event_truth(event, origins, late) for event in events),
    )


def _outages(plan: Plan) -> tuple[Outage, ...]:
    if isinstance(plan, LoadPlan):
        return ()
    return tuple(event for event in plan.events if isinstance(event, Outage))


def _event_truth(
    event: Event, origins: Counter[tuple[str, str]], late: Counter[Outage]
) -> EventTruth:
    if isinstance(event, Outage):
        return EventTruth(
            kind="outage", brand="", start=event.start, end=event.end, posts=late[event]
        )
    kind: Literal["crisis", "hype", "storm"]
    match event:
        case Crisis():
            kind = "crisis"
        case Hype():
            kind = "hype"
        case Storm():
            kind = "storm"
    posts = origins[event.brand, kind]
    return EventTruth(kind=kind, brand=event.brand, start=event.start, end=event.end, posts=posts)


def _posts(plan: Plan, seed: int, uniform: Uniform) -> Iterator[tuple[RawPost, Meant]]:
    scribe = Scribe(plan, uniform)
    slots = load_slots(plan, uniform) if isinstance(plan, LoadPlan) else day_slots(plan, uniform)
    for number, slot in enumerate(slots):
        yield scribe.post(slot, f"{plan.start:%Y%m%d}-{seed}-{number}")
