"""Mail handed over to a server that plays well, plays foul, or does not play."""

import asyncio
import ssl
from collections.abc import Mapping
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from infra.channels.email import EmailChannel
from infra.channels.guard import Guard
from infra.deliver.records import Attempt
from infra.receivers import EmailReceiver, WeComReceiver
from tests.platform_letters import NOW, letters
from tests.smtp_server import HANGS, SmtpServer, smtp_server

HERE = "127.0.0.1"
PIA, LEO = "RCPT TO:<pia@example.com>", "RCPT TO:<leo@example.com>"


def receiver(port: int, **changed: Any) -> EmailReceiver:
    return EmailReceiver(
        **{
            "name": "pr",
            "type": "email",
            "to": ("Pia <pia@example.com>", "leo@example.com"),
            "sender": "Groundswell <alerts@groundswell.example>",
            "host": HERE,
            "port": port,
            "security": "none",
            **changed,
        }
    )


def exchange(
    *replies: Mapping[str, str],
    allow: tuple[str, ...] = (HERE,),
    seconds: float = 10.0,
    trust: Path | None = None,
    server_tls: ssl.SSLContext | None = None,
    at_once: bool = False,
    **changed: Any,
) -> tuple[list[Attempt], SmtpServer]:
    """An attempt for each server that plays `replies`, by one channel; and the last server."""

    async def run() -> tuple[list[Attempt], SmtpServer]:
        trusted = ssl.create_default_context(cafile=trust)
        channel = EmailChannel(Guard(allow), tls=trusted, seconds=seconds)
        made = []
        for one in replies:
            async with smtp_server(one, tls=server_tls, at_once=at_once) as server:
                to = receiver(server.port, **changed)
                made.append(await channel.send(to, letters("en")["opened"], now=NOW))
        await channel.close()
        return made, server

    return asyncio.run(run())


def test_one_mail_reaches_everyone() -> None:
    (attempt,), server = exchange({})
    assert attempt.outcome == "delivered"
    assert attempt.detail == ""
    assert server.lines[0] == "EHLO [127.0.0.1]"
    assert server.lines[1:3] == [
        "MAIL FROM:<alerts@groundswell.example>"
        + (server.lines[1].removeprefix("MAIL FROM:<alerts@groundswell.example>")),
        PIA,
    ]
    (raw,) = server.mails
    message = message_from_bytes(raw, policy=default)
    assert message["Subject"] == letters("en")["opened"].entries[0].event.headline


@pytest.mark.parametrize(
    ("replies", "outcome", "said"),
    [
        ({PIA: "450 try later"}, "retry", "put off for pia@example.com: 450 try later"),
        ({PIA: "550 no such user"}, "delivered", "refused for pia@example.com: 550 no such user"),
        ({"RCPT": "550 no"}, "gave_up", "refused for pia@example.com: 550 no; leo@example.com"),
        ({"RCPT": "451 later"}, "retry", "451 later"),
        ({".": "554 spam"}, "gave_up", "the server will not take it: 554 spam"),
        ({".": "452 disk full"}, "retry", "452 disk full"),
        ({"MAIL": "550 who are you"}, "retry", "550 who are you"),
        ({"": "421 not now"}, "retry", "421 not now"),
        ({"EHLO": "502 no", "HELO": "502 no"}, "retry", "502"),
    ],
)
def test_what_the_server_says_decides(replies: dict[str, str], outcome: str, said: str) -> None:
    if "" in replies:  # every line begins with it
        replies = {**dict.fromkeys(["EHLO", "QUIT"], "221 bye"), "": replies[""]}
    (attempt,), _ = exchange(replies)
    assert attempt.outcome == outcome
    assert said in attempt.detail


def test_who_has_it_does_not_get_it_again() -> None:
    attempts, server = exchange({PIA: "450 greylisted"}, {})
    assert [one.outcome for one in attempts] == ["retry", "delivered"]
    assert PIA in server.lines
    assert LEO not in server.lines


def test_who_was_refused_is_not_asked_again() -> None:
    attempts, server = exchange({PIA: "450 greylisted", LEO: "550 no such user"}, {})
    assert [one.outcome for one in attempts] == ["retry", "delivered"]
    assert LEO not in server.lines
    assert "leo@example.com: 550" in attempts[1].detail


def test_a_server_that_hangs_is_left() -> None:
    (attempt,), _ = exchange({"MAIL": HANGS}, seconds=0.3)
    assert attempt.outcome == "retry"
    assert attempt.detail == "no end within 0.3 s"


def test_a_mail_that_was_taken_is_not_sent_again_for_a_missing_goodbye() -> None:
    attempts, server = exchange({"QUIT": HANGS}, {}, seconds=1.8)  # before GOODBYE
    assert [one.outcome for one in attempts] == ["retry", "delivered"]
    assert server.mails == []  # the second server was asked for nobody


def test_nobody_there() -> None:
    async def run() -> Attempt:
        async with smtp_server() as server:
            port = server.port
        channel = EmailChannel(Guard([HERE]), tls=ssl.create_default_context())
        return await channel.send(receiver(port), letters("en")["opened"], now=NOW)

    attempt = asyncio.run(run())
    assert attempt.outcome == "retry"
    assert "connection refused" in attempt.detail


def test_an_address_of_our_own_network_is_not_connected_to() -> None:
    (attempt,), server = exchange({}, allow=())
    assert attempt.outcome == "retry"
    assert "allow_hosts" in attempt.detail
    assert server.lines == []


def test_a_sender_that_is_none_is_for_a_person_to_mend() -> None:
    (attempt,), server = exchange({}, sender="a@example.com, b@example.com")
    assert attempt.outcome == "retry"
    assert "receivers.pr is set wrongly" in attempt.detail
    assert server.lines == []


def test_a_receiver_of_another_type_is_our_own_mistake() -> None:
    async def run() -> None:
        channel = EmailChannel(Guard([]), tls=ssl.create_default_context())
        other = WeComReceiver(name="w", type="wecom", url=SecretStr("https://example.com/"))
        await channel.send(other, letters("en")["opened"], now=NOW)

    with pytest.raises(TypeError):
        asyncio.run(run())


# ---- TLS


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_with_a_password_over_tls(
    security: str, server_tls: ssl.SSLContext, certificate: Path
) -> None:
    (attempt,), server = exchange(
        {},
        trust=certificate / "cert.pem",
        server_tls=server_tls,
        at_once=security == "tls",
        security=security,
        user="alerts",
        password=SecretStr("hunter22"),
    )
    assert attempt.outcome == "delivered"
    assert server.secure == [True]
    login = next(n for n, line in enumerate(server.lines) if line.startswith("AUTH"))
    assert security == "tls" or "STARTTLS" in server.lines[:login]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_nobody_we_know_gets_nothing(
    security: str, server_tls: ssl.SSLContext
) -> None:
    (attempt,), server = exchange(
        {}, server_tls=server_tls, at_once=security == "tls", security=security
    )
    assert attempt.outcome == "retry"
    assert "TLS failed: self-signed certificate" in attempt.detail
    assert server.mails == []


def test_a_server_without_tls_gets_no_mail_where_tls_is_asked_for() -> None:
    (attempt,), server = exchange({}, security="starttls")
    assert attempt.outcome == "retry"
    assert server.mails == []
    assert "STARTTLS" in attempt.detail


def test_a_refused_password_is_for_a_person_to_mend_and_is_not_told(
    server_tls: ssl.SSLContext, certificate: Path
) -> None:
    (attempt,), _ = exchange(
        {"AUTH": "535 no: hunter22"},
        trust=certificate / "cert.pem",
        server_tls=server_tls,
        security="starttls",
        user="alerts",
        password=SecretStr("hunter22"),
    )
    assert attempt.outcome == "retry"
    assert "user and password are refused: 535" in attempt.detail
    assert "hunter22" not in attempt.detail
