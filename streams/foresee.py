"""Keeps the forecasts of every brand in the database fresh, off the way of alerts.

Once an hour of the line's clock each brand is forecast anew, in slices of a fraction of a second:
between two of them the watcher judges what has come. What takes long, learning, is done once a
night a brand, at an hour that its name says. A brand whose posts come to be counted otherwise, by
another query above all, is a new one from the next full hour on. Forecasts are written first, then
how good the last ones were, then what is remembered: a watcher killed anywhere writes the same rows
again.
"""

import time
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from forecasting.calendar import HOUR, Calendar, Hours, floor_hour, hours_of
from forecasting.fit import STRUCTURAL
from forecasting.foretell import SERIES, BrandFit, Series, Trust, foretell, learn
from forecasting.records import BUCKET
from forecasting.watch import floor_bucket
from infra.forecasts import (
    Kept,
    counts_by,
    due_forecasts,
    forecast_rows,
    keep,
    remembered,
    write_forecasts,
    write_scores,
)
from infra.hours import shown
from infra.quality import changed_counts, unseen_hours
from infra.series import Memory
from infra.store import Store
from streams.foreseen import Counted, history_of, recent_of, scored

log = structlog.get_logger()
LEARNT_FROM: Final = timedelta(weeks=8)
PARTS_FROM: Final = timedelta(days=14)
WINDOW: Final = timedelta(days=8)
"""Counts by the hour that are held of each brand: a week for the naive, and what came since."""
READ_AGAIN: Final = timedelta(days=2)
"""How far back late posts are looked for every hour; the nightly learning looks at all."""
FAR: Final = 14 * 24
NEAR: Final = 48
FAR_EVERY: Final = 6
"""Hours ahead, and every how many hours the far ones are told anew."""
LEAST_PAUSE: Final = 20.0
"""Seconds between two rounds: a replay at full speed passes many hours in one."""
SLICE: Final = 0.25
"""Seconds of work after which the watcher looks for something to judge."""


class Known(Struct, frozen=True, kw_only=True):
    """What is remembered of a brand."""

    fit: BrandFit | None = None
    trusts: dict[Series, Trust] = msgspec.field(default_factory=lambda: _untried())
    scored_until: datetime | None = None


class Round(Struct, kw_only=True):
    """One hour's work: what of it is left, and what is read for all brands at once."""

    now: datetime
    left: list[str]
    parts: dict[str, Counted]
    unseen: dict[str, set[datetime]]
    begun: dict[str, datetime]  # of brands that were changed: the first full hour that is like now
    hours: dict[Calendar, Hours] = {}


class Foreseer:
    """Forecasts volume, negative count and negative share of each brand."""

    def __init__(
        self,
        store: Store,
        calendars: Mapping[str, Calendar],
        *,
        pause: float = LEAST_PAUSE,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self.plan(calendars)
        self._pause = pause
        self._timer = timer
        self._known: dict[str, Known] | None = None
        self._counts: dict[str, Counted] = {}
        self._round: Round | None = None
        self._made_at: datetime | None = None
        self._last_round = float("-inf")

    def plan(self, calendars: Mapping[str, Calendar]) -> None:
        """From the next brand on go by these calendars."""
        self._calendars = calendars

    def refresh(self, kept: Mapping[str, Memory]) -> None:
        """Go on with the forecasts of the last full hour the watcher has passed, for a slice.

        Raises StoreUnavailable; what was not written then is made again.
        """
        if self._round is None:
            if "" not in kept or self._timer() - self._last_round < self._pause:
                return
            now = floor_bucket(kept[""].bucket, HOUR)
            if now == self._made_at:
                return
            self._round = self._begin(now)
        self._slice(self._round)
        if not self._round.left:
            self._made_at = self._round.now
            self._round = None
            self._last_round = self._timer()

    def forget(self) -> None:
        """Another process may have gone on: read again what is remembered."""
        self._known = self._round = None

    def _begin(self, now: datetime) -> Round:
        if self._known is None:
            self._known = _recalled(self._store)
        last = self._made_at
        begin = now - WINDOW
        since = max(begin, last - READ_AGAIN) if last and last <= now else begin
        fresh = shown(self._store, since=since, until=now)
        for brand in self._counts.keys() | fresh.keys():
            before = self._counts.get(brand, {})
            kept = {at: both for at, both in before.items() if begin <= at < since}
            self._counts[brand] = kept | fresh.get(brand, {})
        self._counts = {brand: counted for brand, counted in self._counts.items() if counted}
        # Truths that have come since: no more than a day of them, or a long replay reads for ever.
        unscored = max(last or begin, now - timedelta(days=1))
        parts = counts_by(self._store, "part", since=min(unscored, now - HOUR), until=now)
        unseen = unseen_hours(self._store, since=now - LEARNT_FROM, until=now)
        changed = changed_counts(self._store, since=now - LEARNT_FROM, until=now)
        begun = {brand: floor_hour(bucket) + HOUR for brand, bucket in changed.items()}
        left = sorted(self._counts, reverse=True)
        return Round(now=now, left=left, parts=parts, unseen=unseen, begun=begun)

    def _slice(self, todo: Round) -> None:
        """Forecast some of the brands and write what came of it."""
        assert self._known is not None
        begun = self._timer()
        done: dict[str, Known] = {}
        told: list[tuple[object, ...]] = []
        scores: list[tuple[object, ...]] = []
        kept: list[Kept] = []
        brands = list(todo.left)
        while brands and (not done or self._timer() - begun < SLICE):
            brand = brands.pop()
            known = self._known.get(brand, Known())
            moved, rows, found = self._brand(brand, known, todo)
            told += rows
            scores += found
            kept += _to_keep(brand, known, moved, todo.now)
            done[brand] = moved
        write_forecasts(self._store, told)
        write_scores(self._store, scores)
        keep(self._store, kept)
        self._known |= done
        todo.left = brands

    def _brand(
        self, brand: str, known: Known, todo: Round
    ) -> tuple[Known, list[tuple[object, ...]], list[tuple[object, ...]]]:
        now = todo.now
        begun = todo.begun.get(brand, now - LEARNT_FROM)
        calendar = self._calendars.get(brand, Calendar())
        recent = recent_of(
            self._counts[brand],
            since=max(now - WINDOW, begun),
            until=now,
            unseen=todo.unseen.get(brand, ()),
        )
        features = self._features(calendar, todo)

        def hours(start: datetime, end: datetime) -> Hours:
            return features.part((start - features.start) // HOUR, (end - features.start) // HOUR)

        if known.fit is not None and known.fit.at < begun:
            known = Known(scored_until=known.scored_until)  # it was learnt from other posts
        fit = known.fit
        is_new = fit is None
        if fit is None or fit.at > now or fit.at < recent.volume.start or _is_due(brand, fit, now):
            fit = self._learn(brand, calendar, hours, todo)
        since = max(known.scored_until or now - HOUR, now - timedelta(days=1))
        found, trusts = scored(
            brand,
            due_forecasts(self._store, brand, since=since, until=now, made=begun)
            if known.fit
            else [],
            fit=fit,
            trusts=known.trusts,
            recent=recent,
            parts=todo.parts.get(brand, {}),
        )
        _tell_changes(brand, known.trusts, trusts)
        far = FAR if is_new or now.hour % FAR_EVERY == 0 else NEAR
        made = foretell(
            fit,
            recent,
            hours(recent.volume.start, now + far * HOUR),
            calendar,
            trusts=trusts,
            ahead={BUCKET: 24 * (HOUR // BUCKET), HOUR: far},
        )
        rows = [
            row
            for (series, step), each in made.items()
            for row in forecast_rows(brand, series=series, step=step, made=each, at=now)
        ]
        return Known(fit=fit, trusts=trusts, scored_until=now), rows, found

    def _features(self, calendar: Calendar, todo: Round) -> Hours:
        if calendar not in todo.hours:
            start = todo.now - LEARNT_FROM
            todo.hours[calendar] = hours_of(calendar, start, LEARNT_FROM // HOUR + FAR)
        return todo.hours[calendar]

    def _learn(
        self,
        brand: str,
        calendar: Calendar,
        hours: Callable[[datetime, datetime], Hours],
        todo: Round,
    ) -> BrandFit:
        now, unseen = todo.now, todo.unseen.get(brand, ())
        since = todo.begun.get(brand, now - LEARNT_FROM)
        counted = counts_by(self._store, "hour", since=since, until=now, brand=brand)
        recent = recent_of(counted.get(brand, {}), since=since, until=now, unseen=unseen)
        begin = max(recent.volume.start, now - PARTS_FROM)
        parts = counts_by(self._store, "part", since=begin, until=now, brand=brand).get(brand, {})
        return learn(
            recent,
            hours(recent.volume.start, now),
            calendar,
            history_of(parts, start=begin, until=now, step=BUCKET),
        )


def _untried() -> dict[Series, Trust]:
    return {series: Trust() for series in SERIES}


def _is_due(brand: str, fit: BrandFit, now: datetime) -> bool:
    """A young brand learns often and cheaply, an older one at night, each at an hour of its own."""
    age = now - fit.at
    if fit.volume.hours < STRUCTURAL:
        return age >= max(HOUR, fit.volume.hours * HOUR / 24)
    own_hour = zlib.crc32(brand.encode()) % 24
    return age >= 30 * HOUR or (age >= 20 * HOUR and now.hour == own_hour)


def _recalled(store: Store) -> dict[str, Known]:
    known: dict[str, Known] = {}
    for each in remembered(store):
        before = known.get(each.brand, Known())
        if each.kind == "fit":
            fit = msgspec.json.decode(each.body, type=BrandFit)
            known[each.brand] = msgspec.structs.replace(before, fit=fit)
        else:
            trusts = msgspec.json.decode(each.body, type=dict[Series, Trust])
            known[each.brand] = msgspec.structs.replace(
                before, trusts=_untried() | trusts, scored_until=each.at
            )
    return known


def _to_keep(brand: str, before: Known, after: Known, now: datetime) -> list[Kept]:
    kept = [Kept(brand, "trust", now, msgspec.json.encode(after.trusts).decode())]
    if after.fit is not None and after.fit is not before.fit:
        kept.append(Kept(brand, "fit", after.fit.at, msgspec.json.encode(after.fit).decode()))
    return kept


def _tell_changes(
    brand: str, before: Mapping[Series, Trust], after: Mapping[Series, Trust]
) -> None:
    for series, trust in after.items():
        replaced = trust.standing.replaced
        if replaced != before[series].standing.replaced:
            what = "the seasonal naive is told instead" if replaced else "the model is told again"
            log.warning("forecast", brand=brand, series=series, change=what)
