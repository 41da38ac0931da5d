"""Arrivals at the right wall time: the line's clock as a multiple of the real one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from processors.arrivals import Arrival

Speed = float | None
"""Seconds of the line a second of wall time; None: as fast as the line takes them."""

_TICK = timedelta(microseconds=1)


class Stretch(NamedTuple):
    """A time of the line with a speed of its own, from `start` until before `end`."""

    start: datetime
    end: datetime
    speed: Speed


class Limits(NamedTuple):
    """Most arrivals in a batch, and most wall seconds without one."""

    max_batch: int = 500
    max_wait: float = 0.25


LIMITS: Final = Limits()
# Shortest sleep: what is due at nearly the same time makes one batch, and a remainder that
# rounding left too small to move the clock cannot make the loop spin.
_NAP: Final = 0.05


def speeds(default: Speed, stretches: Sequence[Stretch] = ()) -> Callable[[datetime], Speed]:
    """Return a function from line time to speed: that of the first stretch it is in, or default.

    Raises ValueError for a speed that is not above 0.

    >>> from datetime import UTC
    >>> day = datetime(2026, 3, 4, tzinfo=UTC)
    >>> speed_at = speeds(120.0, [Stretch(day, day.replace(hour=8), None)])
    >>> speed_at(day), speed_at(day.replace(hour=8))
    (None, 120.0)
    """
    for speed in (default, *(stretch.speed for stretch in stretches)):
        if speed is not None and not speed > 0:
            raise ValueError(f"a speed is above 0, or None for no limit: got {speed}")

    def speed_at(moment: datetime) -> Speed:
        for stretch in stretches:
            if stretch.start <= moment < stretch.end:
                return stretch.speed
        return default

    return speed_at


async def paced(
    arrivals: Iterable[Arrival],
    *,
    speed_at: Callable[[datetime], Speed],
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    limits: Limits = LIMITS,
) -> AsyncIterator[tuple[list[Arrival], datetime]]:
    """Yield (batch, line clock): every arrival with `at` <= clock is in this batch or an earlier.

    `arrivals` are in order of `at`; `clock` gives monotonic wall seconds. The line's clock starts
    at the first arrival and ends at the last. A batch may be empty: while nothing arrives, the
    clock still comes every `max_wait` seconds. Where no speed is set, the clock jumps from arrival
    to arrival. A consumer that is slow makes the batches larger, up to `max_batch`, and then late:
    the line's time does not wait for it.
    """
    source = iter(arrivals)
    upcoming = next(source, None)
    if upcoming is None:
        return
    line = upcoming.at
    marked = yielded = clock()
    while upcoming is not None:
        now = clock()
        speed = speed_at(line)
        if speed is None:
            batch, upcoming = _take_unpaced(upcoming, source, speed_at, limits.max_batch)
            line = max(line, batch[-1].at)
            await sleep(0)
        else:
            line = _advance(line, (now - marked) * speed)
            batch, upcoming = _take_due(upcoming, source, line, limits.max_batch)
        marked = now
        if batch or now - yielded >= limits.max_wait:
            yielded = now
            # Another of the same instant may follow: until then the instant is not complete.
            yield batch, min(line, upcoming.at - _TICK) if upcoming else batch[-1].at
        else:
            due = (upcoming.at - line).total_seconds() / speed if upcoming and speed else 0.0
            await sleep(max(min(due, yielded + limits.max_wait - now), _NAP))


def _advance(line: datetime, seconds: float) -> datetime:
    try:
        return line + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=line.tzinfo)


def _take_due(
    first: Arrival, source: Iterator[Arrival], until: datetime, most: int
) -> tuple[list[Arrival], Arrival | None]:
    batch: list[Arrival] = []
    upcoming: Arrival | None = first
    while upcoming is not None and upcoming.at <= until and len(batch) < most:
        batch.append(upcoming)
        upcoming = next(source, None)
    return batch, upcoming


def _take_unpaced(
    first: Arrival,
    source: Iterator[Arrival],
    speed_at: Callable[[datetime], Speed],
    most: int,
) -> tuple[list[Arrival], Arrival | None]:
    batch = [first]
    upcoming = next(source, None)
    while upcoming is not None and len(batch) < most and speed_at(upcoming.at) is None:
        batch.append(upcoming)
        upcoming = next(source, None)
    return batch, upcoming
