"""Whether those who are to be told could be: their addresses, and how it went so far."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from pydantic import SecretStr

from infra.channels.guard import BlockedAddressError, Guard
from infra.deliver.delivery_log import ReceiverState
from infra.doctor.finding import NotLooked, Said, fail, ok, warn
from infra.receivers import AppriseReceiver, EmailReceiver, Receiver, address_of
from infra.store import StoreError

SECONDS = 5.0
"""That the look-up of a name may take."""
NOBODY = "name one in `receivers` of the settings: docs/delivery.md"


def addresses(receivers: Sequence[Receiver], allow_hosts: Sequence[str]) -> Iterator[Said]:
    """Whether each resolves to an address that may be reached. Nothing is sent."""
    if not receivers:
        yield warn("there are no receivers: nobody is told of an incident", NOBODY)
        return
    yield from asyncio.run(_all(receivers, allow_hosts))


def record(
    receivers: Sequence[Receiver], states: Callable[[], Mapping[str, ReceiverState]]
) -> Iterator[Said]:
    """How it went with each so far."""
    try:
        found = states() if receivers else {}
    except StoreError as error:
        raise NotLooked("the database does not say how deliveries went") from error
    well = True
    for name, state in found.items():
        if state.disabled_since is not None:
            well = False
            yield fail(
                f"{name} is switched off: {state.disabled_reason}",
                f"mend it, then `groundswell receivers enable {name}`",
            )
        elif state.failing_since is not None:
            well = False
            yield warn(
                f"{name} has taken nothing since {state.failing_since:%Y-%m-%d %H:%M} UTC: "
                f"{state.last_failure}",
                f"mend it, then `groundswell receivers test {name}`",
            )
    if well:
        yield ok("no delivery is failing")


async def _all(receivers: Sequence[Receiver], allow_hosts: Sequence[str]) -> list[Said]:
    guard = Guard(allow_hosts)
    return list(await asyncio.gather(*(_one(receiver, guard) for receiver in receivers)))


async def _one(receiver: Receiver, guard: Guard) -> Said:
    shown = f"{receiver.name} ({receiver.type}, {address_of(receiver)})"
    host = host_of(receiver)
    if host is None:
        return ok(f"{shown}: where it is, apprise alone knows")
    try:
        await asyncio.wait_for(guard.pin(host), SECONDS)
    except BlockedAddressError as error:
        return fail(f"{shown}: {error}", f"add {host} to allow_hosts, or correct its address")
    except TimeoutError:
        return fail(f"{shown}: nobody says where {host} is", "look at this machine's DNS")
    except (OSError, UnicodeError):
        return fail(f"{shown}: the name {host} is unknown", "correct its address, or the DNS")
    return ok(f"{shown} may be reached")


def host_of(receiver: Receiver) -> str | None:
    """The machine that it is on; None where only apprise knows."""
    if isinstance(receiver, EmailReceiver):
        return receiver.host
    if isinstance(receiver, AppriseReceiver):
        return None
    url = receiver.url
    return urlsplit(url.get_secret_value() if isinstance(url, SecretStr) else url).hostname
