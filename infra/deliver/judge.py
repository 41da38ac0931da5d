"""One receiver and one incident, at one moment: what is told, what waits and why, what is not."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from infra.deliver.accounts import Account, Cause, Terms, Want, next_change, refused
from infra.deliver.book import Book
from infra.deliver.cases import Case
from infra.deliver.groups import gate
from infra.deliver.holds import Clocks, Held, Scene, held
from infra.deliver.messages import Ready
from infra.deliver.records import Hold, Skip, SkipReason
from infra.deliver.reminders import acknowledgement, escalation, repetition
from infra.deliver.tree import Options

_MUTED = ("silenced", "inhibited", "disabled")


class Judged(Struct, kw_only=True):
    """What was found."""

    ready: Ready | None = None
    hold: Hold | None = None  # of the first thing that waits
    skips: list[Skip] = field(default_factory=list)
    wake: datetime | None = None  # when to look again
    waits_on: tuple[Cause, ...] = ()
    group: str = ""  # whose clock it waits for


def judge(book: Book, account: Account, case: Case, *, clocks: Clocks, now: datetime) -> Judged:
    """Look at it. Changes of the account that are never told are settled, nothing else is."""
    return _Look(book, account, case, clocks=clocks, now=now).judged()


class _Look:
    def __init__(
        self, book: Book, account: Account, case: Case, *, clocks: Clocks, now: datetime
    ) -> None:
        self._book, self._account, self._case = book, account, case
        self._clocks, self._now = clocks, now
        name = account.receiver
        self._routed = book.routed(case)
        self._options = (
            self._routed.told.get(name) or self._routed.late.get(name) or self._routed.rest
        )
        self._terms: Terms = book.terms(account, self._options)
        alone = self._terms.limits.entries == 1
        self._group = self._options.group(case.seen, alone=alone)
        self._found = Judged()

    def judged(self) -> Judged:
        account, found = self._account, self._found
        follows = account.opened or account.receiver in self._routed.told
        change_waits = None
        if follows:
            change_waits = self._change()
        else:
            account.held = 0
        for want in self._reminders():
            if found.ready:
                break
            self._try(want)
        self._let_go(follows)
        muted = change_waits is not None and change_waits.reason in _MUTED
        waits = follows and not muted and bool(account.pending(self._case))
        live = self._case.is_open and not self._terms.dismissed
        account.mutes = self._case.rank if live and (account.opened or waits) else None
        return found

    def _change(self) -> Held | None:
        """What holds the next change."""
        self._refuse()
        want = next_change(self._account, self._case, self._terms)
        if want is None:
            return None
        why = self._why(want)
        if why:
            self._account.held = self._account.pending(self._case)[-1]
            self._refuse()  # what ended while it waited
            first, want = want, next_change(self._account, self._case, self._terms)
            if want and want.kind != first.kind:
                why = self._why(want)  # an end is held by less
        if want and why:
            name = f"{self._case.incident_id}.{self._account.held}"
            self._wait(replace(want, name=name), why)
        elif want:
            self._ready(want)
        return why

    def _refuse(self) -> None:
        for number, reason, detail in refused(self._account, self._case, self._terms):
            self._skip(f"{self._case.incident_id}.{number}", reason, detail)

    def _reminders(self) -> Iterator[Want]:
        account, case = self._account, self._case
        if case.incident_id in self._book.acknowledged:
            want = acknowledgement(account, case)
            if want:
                yield want
            return
        if self._terms.dismissed:
            return
        afters = self._routed.later.get(account.receiver, ())
        every = self._options.repeat_interval
        if account.receiver not in self._routed.told:
            every = Options().repeat_interval
        for timed in (escalation(account, case, afters), repetition(account, case, every)):
            if timed and timed[0] <= self._now:
                yield timed[1]
            elif timed:
                self._wake(timed[0])

    def _try(self, want: Want) -> None:
        if want.kind not in self._terms.limits.takes:
            self._skip(want.name, "not_taken", f"no message for {want.kind}")
            self._book.skip(self._found.skips[-1:])
            self._wake(self._now)  # there may be a next one
            return
        why = self._why(want)
        if why:
            self._wait(want, why)
        else:
            self._ready(want)

    def _why(self, want: Want) -> Held | None:
        scene = Scene(
            now=self._now,
            account=self._account,
            case=self._case,
            options=self._options,
            want=want,
            silences=tuple(self._book.silences.values()),
            disabled=self._book.disabled,
            larger=self._larger(),
            stuck=self._account.key in self._book.stuck,
            hours=self._clocks,
        )
        why = held(scene)
        if why:
            return why
        group = self._book.groups.of(self._account.receiver, self._group)
        why = gate(
            group, self._account, self._case, options=self._options, want=want, now=self._now
        )
        if why:
            self._found.group = self._group
        return why

    def _larger(self) -> Case | None:
        """The largest open incident of the same story that this receiver is or will be told of."""
        if self._book.route is None:
            return None
        found = None
        for name in self._book.links.get(self._case.incident_id, ()):
            other = self._book.accounts.get(name, {}).get(self._account.receiver)
            known = self._book.cases.get(name)
            mutes = other and known and other.mutes and known.rank < self._case.rank
            if known and mutes and (found is None or known.rank < found.rank):
                found = known
        return found

    def _ready(self, want: Want) -> None:
        said = self._book.acknowledged.get(self._case.incident_id)
        self._found.ready = Ready(
            account=self._account,
            case=self._case,
            options=self._options,
            group=self._group,
            want=want,
            by=said.by if said and want.kind == "acknowledged" else "",
        )

    def _wait(self, want: Want, why: Held) -> None:
        found = self._found
        if found.hold is None:
            found.hold = Hold(
                receiver=self._account.receiver,
                incident_id=self._case.incident_id,
                event_id=want.name,
                reason=why.reason,
                detail=why.detail,
                decided_at=self._now,
                until=why.until,
            )
        if why.until:
            self._wake(why.until)
        if why.waits_on:
            found.waits_on += (why.waits_on,)

    def _wake(self, at: datetime) -> None:
        self._found.wake = min(at, self._found.wake or at)

    def _skip(self, name: str, reason: SkipReason, detail: str) -> None:
        self._found.skips.append(
            Skip(
                receiver=self._account.receiver,
                incident_id=self._case.incident_id,
                event_id=name,
                reason=reason,
                detail=detail,
                decided_at=self._now,
            )
        )

    def _let_go(self, follows: bool) -> None:
        """Say what became of what waited, where it is neither told nor waits any longer."""
        before, now = self._account.hold, self._found.hold
        if before is None or (now and now.event_id == before.event_id):
            return
        number = before.event_id.removeprefix(f"{self._case.incident_id}.")
        ready = self._found.ready
        if number.isdecimal() and not follows:
            self._skip(before.event_id, "not_routed", "no route leads here any more")
        elif not number.isdecimal() and not (ready and ready.want.name == before.event_id):
            self._skip(before.event_id, "superseded", "no reminder is wanted any more")
