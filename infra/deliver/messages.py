"""Messages made of what is ready to be told: one of a group, or digests where the way is narrow."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from msgspec import Struct, field

from infra.deliver.accounts import Account, Want
from infra.deliver.cases import Case
from infra.deliver.records import Notice, Said
from infra.deliver.tree import Options


class Ready(Struct, frozen=True, kw_only=True):
    """What nothing holds."""

    account: Account
    case: Case
    options: Options
    group: str
    want: Want
    by: str = ""  # who acknowledged it


class Packed(Struct, kw_only=True):
    """What goes, and what does not fit."""

    messages: list[list[Ready]] = field(default_factory=list)
    next_interval: list[Ready] = field(default_factory=list)  # its group is told of others now
    next_place: list[Ready] = field(default_factory=list)  # the receiver takes no more now


def by_group(ready: Sequence[Ready], entries: int) -> Packed:
    """Each group by itself, in messages of at most `entries`; with an interval only one."""
    packed, groups = Packed(), dict[str, list[Ready]]()
    for one in ready:
        if one.want.each:
            packed.messages.append([one])
        else:
            groups.setdefault(one.group, []).append(one)
    for members in groups.values():
        chunks = [members[at : at + entries] for at in range(0, len(members), entries)]
        if members[0].options.group_interval:
            packed.messages.append(chunks[0])
            packed.next_interval += members[entries:]
        else:
            packed.messages += chunks
    return packed


def digests(ready: Sequence[Ready], entries: int, places: int) -> Packed:
    """All groups together, in at most `places` messages; a group with an interval in one."""
    packed, left = Packed(), list(ready)
    told: set[str] = set()
    while left and len(packed.messages) < places:
        message, rest = list[Ready](), list[Ready]()
        for one in left:
            if one.options.group_interval and one.group in told:
                packed.next_interval.append(one)
            elif len(message) < entries:
                message.append(one)
            else:
                rest.append(one)
        told |= {one.group for one in message}
        if message:
            packed.messages.append(message)
        left = rest
    packed.next_interval += [
        one for one in left if one.options.group_interval and one.group in told
    ]
    packed.next_place = [
        one for one in left if not (one.options.group_interval and one.group in told)
    ]
    return packed


def order(ready: Sequence[Ready]) -> list[Ready]:
    """What is open before what is over, then the largest first."""
    return sorted(ready, key=lambda one: (one.want.kind == "resolved", one.case.rank))


def notice(message: Sequence[Ready], now: datetime) -> Notice:
    """The decision to send it. The same entries have the same id, whoever decides and when."""
    receiver = message[0].account.receiver
    return Notice(
        notice_id=_id(receiver, [one.want.name for one in message]),
        receiver=receiver,
        group="\n".join(dict.fromkeys(one.group for one in message)),
        said=tuple(
            Said(
                kind=one.want.kind,
                event_id=f"{one.case.incident_id}.{one.want.number}",
                told_id=f"{one.case.incident_id}.{one.account.told}" if one.account.told else "",
                by=one.by,
            )
            for one in message
        ),
        decided_at=now,
        due_at=now,
    )


def _id(receiver: str, names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return "dig_" + sha256("\n".join((receiver, *names)).encode()).hexdigest()[:24]
