"""When simulated posts are published: a cycle by hour and weekday, and events on top.

All chance comes from `random.Random.random`, the one method whose sequence Python promises to
keep, so that a seed means the same posts on every version.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from processors.simulate_plan import (
    Crisis,
    DayPlan,
    Event,
    Hype,
    LoadPlan,
    Origin,
    SimulatedBrand,
    Storm,
)

Uniform = Callable[[], float]
"""The next number of a seeded source, in [0, 1)."""

RAMP = timedelta(minutes=20)
_FADE = timedelta(minutes=28)  # a crisis falls to 1/e of its peak in this time
_MINUTE = timedelta(minutes=1)
_WEEKEND = 0.85

# Posts an hour by hour of the day (UTC), relative to each other.
_NIGHT_AND_MORNING = (30, 22, 18, 15, 15, 18, 28, 45, 66, 80, 88, 94)
_HOURS = (*_NIGHT_AND_MORNING, 104, 102, 98, 96, 98, 102, 106, 110, 112, 104, 82, 54)


class Slot(NamedTuple):
    """A post to be written: when, about whom, and why it exists."""

    at: datetime
    brand: SimulatedBrand
    origin: Origin


def activity(moment: datetime) -> float:
    """Return the rate at `moment` as a multiple of a weekday's mean.

    >>> from datetime import UTC
    >>> night, noon = (datetime(2026, 3, 4, hour, tzinfo=UTC) for hour in (3, 12))
    >>> activity(night) < 0.3 < 1 < activity(noon)
    True
    """
    hour, part = moment.hour, (moment.minute * 60 + moment.second) / 3600
    level = _HOURS[hour] * (1 - part) + _HOURS[(hour + 1) % 24] * part
    weekday = 1.0 if moment.weekday() < 5 else _WEEKEND
    return level * weekday * 24 / sum(_HOURS)


def day_slots(plan: DayPlan, uniform: Uniform) -> Iterator[Slot]:
    """Yield the slots of `plan` in order of time."""
    extra = sorted(_event_slots(plan, uniform), key=_when)
    times = [slot.at for slot in extra]
    begin, taken = plan.start, 0
    while begin < plan.end:
        end = min(begin + _MINUTE, plan.end)
        until = bisect_left(times, end)
        slots = extra[taken:until]
        taken = until
        for brand in plan.brands:
            slots += _minute(brand, begin, end, plan.events, uniform)
        slots.sort(key=_when)
        yield from slots
        begin = end


def load_slots(plan: LoadPlan, uniform: Uniform) -> Iterator[Slot]:
    """Yield the slots of `plan`: evenly spaced, brands by their usual share."""
    ladder: list[float] = []
    for brand in plan.brands:
        ladder.append(brand.posts_per_day + (ladder[-1] if ladder else 0.0))
    for number in range(plan.posts):
        brand = plan.brands[bisect_left(ladder, uniform() * ladder[-1])]
        yield Slot(plan.start + timedelta(seconds=number / plan.rate), brand, "base")


def _when(slot: Slot) -> datetime:
    return slot.at


def _minute(
    brand: SimulatedBrand,
    begin: datetime,
    end: datetime,
    events: tuple[Event, ...],
    uniform: Uniform,
) -> Iterator[Slot]:
    days = (end - begin) / timedelta(days=1)
    mean = brand.posts_per_day * days * activity(begin)
    for _ in range(poisson(mean, uniform)):
        yield Slot(begin + (end - begin) * uniform(), brand, "base")
    for event in events:
        if isinstance(event, Hype) and event.brand == brand.name:
            for _ in range(poisson(mean * (event.factor - 1), uniform)):
                at = begin + (end - begin) * uniform()
                if event.start <= at < event.end:
                    yield Slot(at, brand, "hype")


def _event_slots(plan: DayPlan, uniform: Uniform) -> Iterator[Slot]:
    brands = {brand.name: brand for brand in plan.brands}
    for event in plan.events:
        if isinstance(event, Crisis):
            for at in _crisis_times(event, uniform):
                yield Slot(at, brands[event.brand], "crisis")
        elif isinstance(event, Storm):
            yield Slot(event.start, brands[event.brand], "storm")
            for _ in range(event.copies):
                # More of the copies early on: an anger that spreads fast and tires.
                at = event.start + (event.end - event.start) * (0.001 + 0.999 * uniform() ** 1.5)
                yield Slot(at, brands[event.brand], "storm")


def _crisis_times(event: Crisis, uniform: Uniform) -> Iterator[datetime]:
    fading = event.end - event.start - RAMP
    if fading <= timedelta(0):
        raise ValueError(f"a crisis lasts longer than its ramp of {RAMP}")
    kept = 1 - math.exp(-fading / _FADE)
    ramp_share = (RAMP / 2) / (RAMP / 2 + _FADE * kept)
    for _ in range(event.posts):
        if uniform() < ramp_share:
            yield event.start + RAMP * math.sqrt(uniform())
        else:
            yield event.start + RAMP - _FADE * math.log(1 - kept * uniform())


def poisson(mean: float, uniform: Uniform) -> int:
    """Draw a Poisson count: a product of uniforms (Knuth), halved where exp(-mean) would vanish."""
    if mean > 30:
        return poisson(mean / 2, uniform) + poisson(mean / 2, uniform)
    floor, product, count = math.exp(-mean), uniform(), 0
    while product > floor:
        product *= uniform()
        count += 1
    return count
