"""`groundswell receivers list` and `enable`: who is told, how that goes, and going on with one."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from forecasting.phrases import line
from infra.audit import audit_row, write_audit
from infra.deliver import people
from infra.deliver.delivery_log import ReceiverState, receiver_states
from infra.receivers import address_of
from infra.settings import Settings
from infra.store import Store
from streams.failures import UsageError
from streams.known import known_receiver
from streams.person import Person

DETAIL = 200  # characters that are shown


class Listed(Struct, frozen=True, kw_only=True):
    """A receiver and how it goes with it."""

    name: str
    type: str
    address: str  # without what is secret
    state: ReceiverState


def listed(store: Store, settings: Settings) -> list[Listed]:
    """Those of the settings, in their order."""
    states = receiver_states(store, settings.receivers)
    return [
        Listed(
            name=receiver.name,
            type=receiver.type,
            address=address_of(receiver),
            state=states[receiver.name],
        )
        for receiver in settings.receivers
    ]


def enable(store: Store, settings: Settings, name: str, person: Person, *, at: datetime) -> str:
    """Send to a receiver again that said it is gone for good; what that does, in a sentence.

    UsageError where it never said so.
    """
    receiver = known_receiver(settings, name)
    state = receiver_states(store, [receiver])[name]
    if state.disabled_since is None:
        raise UsageError(f"{name} is not disabled: there is nothing to enable")
    where = people.endpoint_of(receiver)
    people.set_endpoint(store, name, where, enabled=True, reason=f"enabled by {person.by}", now=at)
    write_audit(store, audit_row("receiver enabled", at, person.by, {"receiver": name}))
    return f"{name} is told again of what happens, and of incidents that are open and were held"


def as_json(found: Sequence[Listed]) -> str:
    """Everything."""
    return msgspec.json.encode(found).decode()


def as_text(found: Sequence[Listed]) -> str:
    """Two lines a receiver."""
    if not found:
        return "no receivers: the settings name none"
    told = [text for one in found for text in (_head(one), f"    {_how(one.state)}")]
    return "\n".join(["Times are UTC.", *told])


def _head(one: Listed) -> str:
    return f"{one.name}  {one.type}  {line(one.address, DETAIL)}"


def _how(state: ReceiverState) -> str:
    told = f"last success {_time(state.last_success)}" if state.last_success else "no success yet"
    parts = [told]
    if state.disabled_since:
        reason = line(state.disabled_reason, DETAIL)
        parts.insert(0, f"disabled since {_time(state.disabled_since)} ({reason})")
    elif state.failing_since:
        attempts = f"{state.failures:,} attempt{'' if state.failures == 1 else 's'}"
        parts.insert(
            0,
            f"failing since {_time(state.failing_since)}, {attempts} "
            f"({line(state.last_failure, DETAIL)})",
        )
    if state.pending and state.pending_since:
        parts.append(f"{state.pending:,} pending since {_time(state.pending_since)}")
    if state.held:
        parts.append(f"{state.held:,} held")
    return "; ".join(parts)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
