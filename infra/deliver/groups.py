"""What is told together, and by what clock: one message an interval and group."""

from datetime import datetime

from msgspec import Struct, field

from infra.deliver.accounts import Account, Key, Want
from infra.deliver.cases import Case
from infra.deliver.holds import Held
from infra.deliver.tree import Options


class Group(Struct, kw_only=True, eq=False):
    """Of one receiver."""

    last_told: datetime | None = None
    due: datetime | None = None  # when what waits for others goes
    flushed: datetime | None = None  # when one of it was ready: the others go along
    waiting: set[Key] = field(default_factory=set)


class Groups:
    """All groups, by receiver and key."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], Group] = {}

    def of(self, receiver: str, key: str) -> Group:
        """The group, made where it is new."""
        return self._groups.setdefault((receiver, key), Group())

    def told(self, receiver: str, key: str, at: datetime) -> None:
        """A message of the group was decided."""
        group = self.of(receiver, key)
        group.last_told = max(at, group.last_told or at)
        group.due = None

    def forget(self, receiver: str, key: str) -> None:
        """The group has no incident left."""
        self._groups.pop((receiver, key), None)


def gate(
    group: Group, account: Account, case: Case, *, options: Options, want: Want, now: datetime
) -> Held | None:
    """Why the group is not told now. An opening waits for others, from the first of them on."""
    if options.group_interval and group.last_told:
        free = group.last_told + options.group_interval
        if now < free:
            detail = f"told of it at {group.last_told.isoformat(timespec='seconds')}"
            return Held(reason="group_interval", detail=detail, until=free)
    if want.kind == "opened" and options.group_wait and group.flushed != now:
        fired = case.steps[account.pending(case)[0]].fired_at
        due = fired + options.group_wait
        if group.due is not None and fired <= group.due:
            due = min(due, group.due)
        group.due = due
        if now < due:
            return Held(reason="group_wait", detail="others may follow", until=due)
    return None
