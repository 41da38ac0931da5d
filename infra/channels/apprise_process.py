"""One message by apprise, in a process of its own: `python -m infra.channels.apprise_process`.

On stdin a JSON of Order, on stdout one of Result. A process, as apprise connects by itself and by
blocking calls: here it can be stopped, and every address that it reaches for is judged at the
moment it does, whatever its name meant before.
"""

import socket
import sys
from collections.abc import Callable
from ipaddress import ip_address

import msgspec
from msgspec import Struct

from infra.channels.public_address import is_public

CONNECTING = ("socket.connect", "socket.sendto", "socket.sendmsg")


class Order(Struct, frozen=True, kw_only=True):
    """What to send where."""

    url: str
    title: str
    body: str
    allowed: tuple[str, ...]  # hosts that may be private, in small letters


class Result(Struct, frozen=True, kw_only=True):
    """What became of it."""

    known: bool = True  # whether apprise can read the url
    sent: bool = False
    blocked: str = ""  # an address that may not be reached


class _BlockedError(OSError):
    """An OSError, so that services take it for a network that fails."""


def send(order: Order) -> Result:
    """Guarded from here on for as long as the process lives."""
    from apprise import Apprise, AppriseAsset

    service = Apprise.instantiate(
        order.url,
        asset=AppriseAsset(http_redirects=False, async_mode=False, storage_mode="memory"),
    )
    if service is None:
        return Result(known=False)
    blocked: list[str] = []
    sys.addaudithook(_judge(order.allowed, blocked.append))
    sent = bool(service.notify(body=order.body, title=order.title))
    return Result(sent=sent, blocked=blocked[0] if blocked and not sent else "")


def _judge(allowed: tuple[str, ...], tell: Callable[[str], None]) -> Callable[..., None]:
    """Raises at whatever connects to an address that is neither public nor an allowed host's."""
    permitted: set[str] = set()
    looked_up: set[str] = set()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.getaddrinfo":
            host = _text(arguments[0]).casefold()
            if host in allowed and host not in looked_up:
                looked_up.add(host)  # first: this calls the hook again
                permitted.update(str(found[4][0]) for found in socket.getaddrinfo(host, None))
        elif event in CONNECTING:
            address = arguments[1]
            if address is None:  # along a connection that was judged
                return
            if not isinstance(address, tuple):
                raise _BlockedError("no network address")
            host = _text(address[0])
            if host in permitted:
                return
            try:
                usable = is_public(ip_address(host))
            except ValueError:  # it would be looked up without us
                tell("a name")
                raise _BlockedError("no address") from None
            if not usable:
                tell(host)
                raise _BlockedError("address not permitted")

    return hook


def _text(name: object) -> str:
    return name.decode("ascii", "replace") if isinstance(name, bytes) else str(name)


if __name__ == "__main__":
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(send(order)))
