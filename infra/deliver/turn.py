"""One decision: everything that is to be looked at, until there is nothing more to tell."""

import heapq
from datetime import datetime

from msgspec import Struct, field

from infra.deliver.accounts import Account, Key
from infra.deliver.agenda import Agenda
from infra.deliver.book import Book
from infra.deliver.cases import Rank
from infra.deliver.holds import Clocks, of_incident
from infra.deliver.judge import Judged, judge
from infra.deliver.messages import Packed, Ready, by_group, digests, notice, order
from infra.deliver.records import Hold, Notice, Skip

PACE = ""
"""In place of an incident: the line of a receiver that takes only so many messages a minute."""


class Decided(Struct, kw_only=True):
    """What one turn decided."""

    notices: list[Notice] = field(default_factory=list)
    holds: dict[Key, Hold] = field(default_factory=dict)  # the last of each account
    skips: list[Skip] = field(default_factory=list)


class Turn:
    """Rounds: in each, one thing is told of an incident to a receiver; the next may follow it."""

    def __init__(self, book: Book, agenda: Agenda, clocks: Clocks, now: datetime) -> None:
        self._book, self._agenda, self._clocks, self._now = book, agenda, clocks, now
        self._ready: dict[Key, Ready] = {}
        self._queue: list[tuple[Rank, Key]] = []
        self._called: set[str] = set()  # receivers in whose line somebody may stand
        self._decided = Decided()

    def take(self) -> Decided:
        """Decide. What is told is entered in the book."""
        while self._wakes():
            self._expand()
            self._look()
            self._send_ready()
            if not self._agenda.now:
                for receiver in self._called:
                    self._call(receiver)  # some who were called are not told, and leave places
        for receiver in self._called:
            self._line(receiver)
        return self._decided

    def _wakes(self) -> bool:
        """Whether there is anything to look at now."""
        for at, (receiver, incident_id) in self._agenda.due(self._now):
            if incident_id == PACE:
                self._book.pace(receiver).called = None
                self._called.add(receiver)
                self._call(receiver)
                continue
            account = self._book.accounts.get(incident_id, {}).get(receiver)
            if account and account.wake == at:
                account.wake = None
                self._agenda.now.add(account.key)
        return bool(self._agenda.now or self._agenda.incidents)

    def _call(self, receiver: str) -> None:
        """Those who stand in line for a receiver, as many as may be told now."""
        limits = self._book.limits.get(receiver)
        if limits and limits.per_minute is not None:
            pace = self._book.pace(receiver)
            places = pace.free(limits.per_minute, self._now)
            self._agenda.now.update(pace.next(places * limits.entries))

    def _line(self, receiver: str) -> None:
        """Call again when the next place is free, if any stand in line."""
        pace = self._book.pace(receiver)
        at = pace.next_free()
        if pace.standing and pace.called != at:
            pace.called = at
            if at:
                self._agenda.remind((receiver, PACE), at)

    def _expand(self) -> None:
        """Whole incidents: everyone who is or was told of them."""
        for incident_id in self._agenda.incidents:
            known = self._book.cases.get(incident_id)
            if known:
                routed = self._book.routed(known)
                names = {*routed.told, *self._book.accounts.get(incident_id, ())}
                if known.first_told:
                    names |= routed.later.keys()
                self._agenda.now |= {(name, incident_id) for name in names}
        self._agenda.incidents.clear()

    def _look(self) -> None:
        """Judge what is to be looked at, the largest incidents first: they mute the smaller."""
        self._enqueue()
        while self._queue:
            key = heapq.heappop(self._queue)[1]
            if key in self._ready:
                continue
            receiver, incident_id = key
            account = self._book.account(receiver, incident_id)
            before = account.mutes
            found = judge(
                self._book,
                account,
                self._book.cases[incident_id],
                clocks=self._clocks,
                now=self._now,
            )
            self._settle(account, found)
            if account.mutes != before:
                self._agenda.ended([of_incident(receiver, incident_id)])
            self._enqueue()

    def _enqueue(self) -> None:
        for key in self._agenda.now:
            known = self._book.cases.get(key[1])
            if known and key[0] in self._book.limits:
                heapq.heappush(self._queue, (known.rank, key))
        self._agenda.now.clear()

    def _settle(self, account: Account, found: Judged) -> None:
        self._decided.skips += found.skips
        self._leave(account)
        self._book.pace(account.receiver).standing.discard(account.key)
        self._agenda.wait(account, found.wake, found.waits_on)
        if found.group:
            account.group = found.group
            self._book.groups.of(account.receiver, found.group).waiting.add(account.key)
        ready = found.ready
        if ready:
            self._ready[account.key] = ready
            if not ready.want.each:
                self._gather(ready)
        if found.hold:
            self._hold(account, found.hold)
        elif not ready:
            self._free(account)

    def _leave(self, account: Account) -> None:
        if account.group:
            self._book.groups.of(account.receiver, account.group).waiting.discard(account.key)
            account.group = ""

    def _gather(self, ready: Ready) -> None:
        """Others of its group go along."""
        group = self._book.groups.of(ready.account.receiver, ready.group)
        if ready.options.group_interval:
            group.flushed = self._now
        self._agenda.now |= group.waiting
        group.waiting.clear()

    def _hold(self, account: Account, hold: Hold) -> None:
        before = account.hold
        same = before and (before.event_id, before.reason, before.detail, before.until) == (
            hold.event_id,
            hold.reason,
            hold.detail,
            hold.until,
        )
        if not same:
            account.hold = self._decided.holds[account.key] = hold

    def _free(self, account: Account) -> None:
        account.hold = None
        self._decided.holds.pop(account.key, None)

    def _send_ready(self) -> None:
        by_receiver: dict[str, list[Ready]] = {}
        for one in order(list(self._ready.values())):
            by_receiver.setdefault(one.account.receiver, []).append(one)
        self._ready = {}
        for receiver, ready in by_receiver.items():
            self._send(receiver, ready)

    def _send(self, receiver: str, ready: list[Ready]) -> None:
        packed = self._pack(receiver, ready)
        for message in packed.messages:
            told = notice(message, self._now)
            self._book.enter([told])
            self._decided.notices.append(told)
            for one in message:
                self._free(one.account)
                self._agenda.now.add(one.account.key)
                if one.want.kind == "opened" and self._book.routed(one.case).later:
                    self._agenda.incidents.add(one.case.incident_id)  # their time runs from now on
        for one in packed.next_interval:
            self._agenda.now.add(one.account.key)  # the gate of its group is closed now
        for one in packed.next_place:
            self._stand(one)

    def _pack(self, receiver: str, ready: list[Ready]) -> Packed:
        limits, pace = self._book.limits[receiver], self._book.pace(receiver)
        packed = by_group(ready, limits.entries)
        if limits.per_minute is None:
            return packed
        places = pace.free(limits.per_minute, self._now)
        if len(packed.messages) <= places and not pace.standing:
            return packed
        if limits.entries == 1:
            packed.next_place = [one for message in packed.messages[places:] for one in message]
            del packed.messages[places:]
            return packed
        if any(one.want.each for one in ready) and places:
            return self._collapse(ready)
        return digests(ready, limits.entries, places)

    def _collapse(self, ready: list[Ready]) -> Packed:
        """Where the way is narrow the newest change is told, as after any other hold."""
        for one in ready:
            account = one.account
            account.held = max([account.held, *account.pending(one.case)])
        # Looked at again: what ended meanwhile is told no more.
        self._agenda.now |= {one.account.key for one in ready}
        return Packed()

    def _stand(self, one: Ready) -> None:
        account, name = one.account, one.account.receiver
        event_id = one.want.name
        if event_id == f"{one.case.incident_id}.{one.want.number}":
            account.held = account.pending(one.case)[-1]
            event_id = f"{one.case.incident_id}.{account.held}"
        pace = self._book.pace(name)
        pace.stand(one.case.rank, account.key)
        self._called.add(name)
        hold = Hold(
            receiver=name,
            incident_id=one.case.incident_id,
            event_id=event_id,
            reason="rate_limit",
            detail=f"{self._book.limits[name].per_minute} messages a minute",
            decided_at=self._now,
            until=pace.next_free(),
        )
        self._hold(account, hold)
