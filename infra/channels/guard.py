"""Which addresses a webhook may reach: public ones, and hosts the operator lists.

A receiver's url is somebody's input: without this it could make us call our own network (SSRF).
The name is looked up and judged before anything is connected; httpx_secure judges again the very
address the connection is made to, so a name that changes its mind in between gains nothing.
"""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import ip_address

import httpx
from httpx_secure import httpx_ssrf_protection

from infra.channels.public_address import Address, is_public


class BlockedAddressError(Exception):
    """The host may not be reached; the message says what to do about it."""


def blocked(host: str) -> str:
    """What to tell an operator whose receiver is at an address that may not be reached."""
    return (
        f"{host} is not a public address; if it is meant, add it to allow_hosts "
        "(GROUNDSWELL_ALLOW_HOSTS)"
    )


class Guard:
    """Decides by host and address. Lives on one event loop."""

    def __init__(self, allow_hosts: Iterable[str]) -> None:
        self._allowed = frozenset(host.strip("[]").casefold() for host in allow_hosts)
        self._lookups: dict[str, asyncio.Future[frozenset[Address]]] = {}

    @property
    def allowed(self) -> frozenset[str]:
        """The hosts that may be private, in small letters."""
        return self._allowed

    def permits(self, host: str, address: Address) -> bool:
        """Whether `host`, found at `address`, may be reached."""
        return host.casefold() in self._allowed or is_public(address)

    async def check(self, host: str) -> None:
        """Raise BlockedAddressError, or OSError or UnicodeError if the name can't be looked up."""
        if host.casefold() in self._allowed:
            return
        if not all(is_public(address) for address in await self._look_up(host)):
            raise BlockedAddressError(blocked(host))

    async def pin(self, host: str) -> str:
        """An address of `host` that may be reached, for who connects by other means than httpx.

        Whoever connects to it, and to no other, gains nothing from a name that changes its mind.
        Raises as `check` does.
        """
        found = await self._look_up(host)
        if not found or not all(self.permits(host, address) for address in found):
            raise BlockedAddressError(blocked(host))
        return str(min(found, key=lambda address: (address.version, address.packed)))

    def protect(self, client: httpx.AsyncClient) -> None:
        """Let `client` connect to permitted addresses only."""
        httpx_ssrf_protection(
            client,
            check_globally_reachable=False,
            custom_validator=lambda host, address, _port: self.permits(host, address),
            dns_cache_size=0,  # attempts are minutes apart: a receiver that moved is found
        )

    async def _look_up(self, host: str) -> frozenset[Address]:
        # One look-up a name, whoever waits: a lookup can't be cancelled, and those of a receiver
        # with a dead name server would fill the pool of threads that the others need too.
        lookup = self._lookups.get(host)
        if lookup is None:
            lookup = self._lookups[host] = asyncio.ensure_future(_addresses(host))
            lookup.add_done_callback(lambda done: self._forget(host, done))
        return await asyncio.shield(lookup)

    def _forget(self, host: str, lookup: asyncio.Future[frozenset[Address]]) -> None:
        del self._lookups[host]
        if not lookup.cancelled():
            lookup.exception()  # seen, even if everyone who asked has gone


async def _addresses(host: str) -> frozenset[Address]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return frozenset(ip_address(str(address[0])) for *_, address in found)
