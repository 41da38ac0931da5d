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


@given(st.ip_addresses(v=4))
def test_a_public_address_is_itself(address: object) -> None:
    host = str(address)
    if is_public(ip_address(host)):
        assert pin(host) == host
    else:
        with pytest.raises(BlockedAddressError):
            pin(host)
