"""What one receiver was told of one incident, and what it is to be told next.

Of a change there are four ends: it is told; a later one was told instead; it is skipped for a
reason; or it waits. `refused` finds what is never told, `next_change` what is told next.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct, field

from infra.channels.channel import Limits
from infra.deliver.cases import Case, Rank
from infra.deliver.records import Hold, Kind, SkipReason
from infra.deliver.tree import Options

Key = tuple[str, str]
"""A receiver and an incident."""

Cause = tuple[str, ...]
"""What one may wait for that has no known end: see holds.py."""


class Account(Struct, kw_only=True, eq=False, gc=False):
    """Of one receiver and one incident. What was decided before is all it needs after a restart."""

    receiver: str
    incident_id: str
    settled: set[int] = field(default_factory=set)  # changes that were told or never will be
    told: int = 0  # the newest change told
    opened: bool = False  # something of it was told
    told_at: datetime | None = None
    first_told: datetime | None = None  # unless by an escalation
    repeated: int = 0  # how often
    escalated: int = 0
    acknowledged: bool = False  # said, or never said
    entered: set[str] = field(default_factory=set)  # ids of what these were read from

    hold: Hold | None = None  # why nothing is told just now
    held: int = 0  # the newest change that a hold met
    wake: datetime | None = None  # when to look again
    waits_on: tuple[Cause, ...] = ()  # at whose end to look again
    group: str = ""  # by whose clock it waits
    mutes: Rank | None = None  # smaller incidents of the same story; None: it does not

    @property
    def key(self) -> Key:
        """Whose it is."""
        return self.receiver, self.incident_id

    def pending(self, case: Case) -> list[int]:
        """Changes without an end, in order."""
        return sorted(case.steps.keys() - self.settled)

    def each(self, options: Options) -> bool:
        """Whether every change goes by itself: nothing holds it, and nothing held it before."""
        return not options.group_interval and (not self.held or self.held in self.settled)


class Terms(Struct, frozen=True, kw_only=True):
    """What else decides what a receiver is told of an incident."""

    options: Options
    limits: Limits
    joined: datetime | None  # owed what fired since; None: everything
    dismissed: bool  # a person said that it is no crisis
    whole: bool = False  # there are no routes: also what has ended is told, change by change


class Want(Struct, frozen=True, kw_only=True):
    """What a receiver is to be told next of an incident."""

    kind: Kind
    number: int  # of the change
    name: str  # id of a message with nothing else
    each: bool = False  # by itself


def refused(account: Account, case: Case, terms: Terms) -> Iterator[tuple[int, SkipReason, str]]:
    """Changes that this receiver is never told, settled as they are named."""
    for number in account.pending(case):
        reason = _refusal(account, case, terms, number)
        if reason:
            account.settled.add(number)
            yield number, *reason
    left = account.pending(case)
    if account.opened or case.end is None or not left:
        return
    live = any(number != case.end for number in left)
    late = terms.whole and account.each(terms.options) and case.end in left
    if not live or not late:
        account.settled.update(left)
        why: SkipReason = "over" if live else "untold"
        detail = "it ended before it was told" if live else "its opening was not told"
        yield from ((number, why, detail) for number in left)


def _refusal(
    account: Account, case: Case, terms: Terms, number: int
) -> tuple[SkipReason, str] | None:
    step, takes = case.steps[number], terms.limits.takes
    kind: Kind = "resolved" if step.resolves else "updated" if account.opened else "opened"
    if not step.alerts:
        return "not_alerting", "the brand's alert_on leaves it out"
    if terms.joined and step.fired_at < terms.joined and not account.opened:
        return "before_joining", f"fired before {terms.joined.isoformat(timespec='seconds')}"
    if number < account.told:
        return "superseded", f"{case.incident_id}.{account.told} was told instead"
    if case.end is not None and number > case.end:
        return "over", f"{case.incident_id}.{case.end} ended it"
    if terms.dismissed and not step.resolves:
        return "not_a_crisis", "a person said so"
    if kind not in takes and (account.opened or not step.resolves):
        return "not_taken", f"no message for {kind}"
    return None


def next_change(account: Account, case: Case, terms: Terms) -> Want | None:
    """The change that is told next; what is before it is superseded. After `refused`."""
    left = account.pending(case)
    if not left:
        return None
    each = account.each(terms.options)
    first = each or (not account.opened and terms.limits.entries == 1)
    number = left[0] if first else left[-1]
    kind: Kind = "opened"
    if account.opened:
        kind = "resolved" if number == case.end else "updated"
    return Want(kind=kind, number=number, name=f"{case.incident_id}.{number}", each=each)
