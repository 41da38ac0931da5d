"""What is told together, and by what clock: one message an interval and group."""

from datetime import datetime

from msgspec import Struct, field

from infra.deliver.accounts import Account, Key, Want
from infra.deliver.cases import Case
from infra.deliver.holds import Held
from infra.deliver.tree import Options


class Group(Struct, kw_only=True, eq=False, gc=False):
    """Of one receiver."""

    last_told: datetime | None = None
    due: datetime | None = None  # when what waits for others goes
    flushed: datetime | None = None  # when one of it was ready: the others go along
    waiting: set[Key] = field(default_factory=set)

    def is_past(self, before: datetime) -> bool:
        """Nothing waits, and it was last told of, and was last to be told of, before then."""
        last = max((at for at in (self.last_told, self.due) if at), default=before)
        return not self.waiting and last <= before


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

    def forget(self, before: datetime) -> None:
        """Groups of which nothing happened since then, and for which nothing waits."""
        for name in [name for name, group in self._groups.items() if group.is_past(before)]:
            del self._groups[name]


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
