"""An address to connect to, for ways out that connect by themselves."""

import asyncio
import socket
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.channels.guard import BlockedAddressError, Guard
from infra.channels.public_address import is_public


def pin(host: str, *allowed: str) -> str:
    return asyncio.run(Guard(allowed).pin(host))


def test_a_host_that_may_be_private_is_found() -> None:
    assert ip_address(pin("localhost", "LocalHost")).is_loopback
    assert pin("127.0.0.1", "127.0.0.1") == "127.0.0.1"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "169.254.169.254", "10.0.0.1"])
def test_any_other_private_one_is_not(host: str) -> None:
    with pytest.raises(BlockedAddressError):
        pin(host, "another.example")


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises((socket.gaierror, UnicodeError)):
        pin("a" * 64 + ".invalid")


@pytest.mark.parametrize("host", ["2606:4700::1", "64:ff9b::808:808", "2002:808:808::1"])
def test_a_public_one_of_six_is_itself(host: str) -> None:
    assert ip_address(pin(host)) == ip_address(host)


def test_a_name_is_looked_up_anew_each_time_and_once_for_all_who_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = 0

    async def scenario() -> list[str]:
        async def moves(*_: object, **__: object) -> list[object]:
            nonlocal asked
            asked += 1
            mine = asked
            await asyncio.sleep(0)
            return [(2, 1, 6, "", (f"93.184.216.{mine}", 0))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", moves)
        guard = Guard(())
        first = await asyncio.gather(*(guard.pin("hooks.example") for _ in range(3)))
        return [*first, await guard.pin("hooks.example")]

    assert asyncio.run(scenario()) == ["93.184.216.1"] * 3 + ["93.184.216.2"]
    assert asked == 2


def test_one_private_address_of_a_name_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async def both(*_: object, **__: object) -> list[object]:
            return [(2, 1, 6, "", (one, 0)) for one in ("93.184.216.34", "10.0.0.1")]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
        guard = Guard(())
        for way in (guard.pin, guard.check):
            with pytest.raises(BlockedAddressError):
                await way("hooks.example")

    asyncio.run(scenario())


@given(st.ip_addresses(v=4))
def test_a_public_address_is_itself(address: object) -> None:
    host = str(address)
    if is_public(ip_address(host)):
        assert pin(host) == host
    else:
        with pytest.raises(BlockedAddressError):
            pin(host)
