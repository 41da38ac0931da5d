"""Mail by SMTP (RFC 5321): over TLS that is verified, to the address that was checked."""

import asyncio
import socket
import ssl
from collections import OrderedDict
from contextlib import suppress
from datetime import datetime
from email.policy import SMTP as SMTP_FORM
from ipaddress import ip_address
from typing import Final

import httpx
from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)
from msgspec import Struct
from msgspec.structs import replace

from infra.channels.channel import Channel, Limits, UnusableError
from infra.channels.guard import BlockedAddressError, Guard, blocked
from infra.channels.mail import envelope, mail
from infra.channels.secrecy import clean, secrets_of
from infra.deliver.records import Attempt, Letter, Outcome
from infra.receivers import EmailReceiver, Receiver

LIMITS: Final = Limits(entries=50, per_minute=30)
SECONDS: Final = 20.0
GOODBYE: Final = 2.0  # seconds: the mail is taken by then
REMEMBERED: Final = 1_000
"""Notices of which it is known who has them."""


def channel(guard: Guard) -> Channel:
    """All that is sent to receivers of this type."""
    return EmailChannel(guard, tls=httpx.create_ssl_context())  # that knows SSL_CERT_FILE


class Told(Struct):
    """Who of a notice's people has it, and who will never get it."""

    reached: set[str]
    refused: dict[str, str]  # what the server said of them


class EmailChannel:
    """One mail to all people of a receiver; each gets it once from this process.

    A server may take it for some and put off others: the next attempt is for these alone. After a
    restart all may get it again, under the same Message-ID.
    """

    def __init__(self, guard: Guard, *, tls: ssl.SSLContext, seconds: float = SECONDS) -> None:
        self.limits = LIMITS
        self._guard = guard
        self._tls = tls
        self._seconds = seconds
        self._told: OrderedDict[tuple[str, str], Told] = OrderedDict()

    async def send(self, receiver: Receiver, letter: Letter, *, now: datetime) -> Attempt:
        """One attempt. Raises TypeError for a receiver of another type."""
        if not isinstance(receiver, EmailReceiver):
            raise TypeError(f"{receiver.name} is no EmailReceiver")
        clock = asyncio.get_running_loop().time
        began = clock()
        attempt = await self._attempt(receiver, letter, now)
        detail = clean(attempt.detail, secrets_of(receiver))
        return replace(attempt, detail=detail, latency_ms=round(1000 * (clock() - began)))

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _attempt(self, receiver: EmailReceiver, letter: Letter, now: datetime) -> Attempt:
        try:
            message = mail(receiver, letter, now)
            sender, people = envelope(message)
        except UnusableError as error:
            return _later(f"receivers.{receiver.name} is set wrongly: {error}")
        key = (receiver.name, letter.notice_id)
        told = self._told.setdefault(key, Told(reached=set(), refused={}))
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        left = [one for one in people if one not in told.reached and one not in told.refused]
        if told.reached and not left:  # the last attempt ended after the server had taken it
            return _ended(self._told.pop(key), 250)
        try:
            async with asyncio.timeout(self._seconds):
                smtp = await self._connect(receiver)
                try:
                    content = message.as_bytes(policy=SMTP_FORM)
                    attempt = await _hand_over(smtp, sender, left, content, told)
                finally:
                    smtp.close()
        except BlockedAddressError:
            return _later(blocked(receiver.host))
        except TimeoutError:
            return _later(f"no end within {self._seconds:g} s")
        except (SMTPException, OSError, ValueError) as error:
            return _later(_why(error), _code(error))
        if attempt.outcome != "retry":
            self._told.pop(key, None)
        return attempt

    async def _connect(self, receiver: EmailReceiver) -> SMTP:
        address = await self._guard.pin(receiver.host)
        family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.setblocking(False)
            await asyncio.get_running_loop().sock_connect(connection, (address, receiver.port))
        except BaseException:
            connection.close()
            raise
        smtp = SMTP(
            hostname=receiver.host,  # whom the certificate has to name
            sock=connection,  # its own from here on
            local_hostname=_literal(connection.getsockname()[0]),
            use_tls=receiver.security == "tls",
            start_tls=receiver.security == "starttls",
            tls_context=self._tls,
            timeout=self._seconds,
            username=receiver.user or None,
            password=receiver.password.get_secret_value() if receiver.password else None,
        )
        await smtp.connect()
        return smtp


async def _hand_over(
    smtp: SMTP, sender: str, left: list[str], content: bytes, told: Told
) -> Attempt:
    await smtp.mail(sender)
    accepted: list[str] = []
    later: dict[str, str] = {}
    code = 250
    for person in left:
        try:
            await smtp.rcpt(person)
            accepted.append(person)
        except SMTPRecipientRefused as refusal:
            code = refusal.code
            said = f"{person}: {refusal.code} {refusal.message}"
            (told.refused if code >= 500 else later)[person] = said
    if accepted:
        try:
            code = (await smtp.data(content)).code
        except SMTPResponseException as error:
            if error.code < 500:
                raise
            detail = f"the server will not take it: {error.code} {error.message}"
            return Attempt(outcome="gave_up", status=error.code, detail=detail)
        told.reached.update(accepted)
    with suppress(SMTPException):
        await smtp.quit(timeout=GOODBYE)
    if later:
        return _later("put off for " + "; ".join(later.values()), code)
    return _ended(told, code)


def _ended(told: Told, code: int) -> Attempt:
    refused = "refused for " + "; ".join(told.refused.values()) if told.refused else ""
    outcome: Outcome = "delivered" if told.reached else "gave_up"
    return Attempt(outcome=outcome, status=code, detail=refused)


def _later(detail: str, status: int = 0) -> Attempt:
    return Attempt(outcome="retry", status=status, detail=detail)


def _code(error: Exception) -> int:
    return error.code if isinstance(error, SMTPResponseException) else 0


def _why(error: Exception) -> str:
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLError):
        reason = getattr(cause, "verify_message", "") or cause.reason or type(cause).__name__
        return f"TLS failed: {reason}"
    if isinstance(error, SMTPAuthenticationError):
        return f"user and password are refused: {error.code} {error.message}"
    if isinstance(error, SMTPResponseException):
        return f"the server answered {error.code} {error.message}"
    if isinstance(cause, socket.gaierror | UnicodeError):
        return "the host's name was not found (DNS), or an address is not plain ASCII"
    if isinstance(error, SMTPConnectError) or not isinstance(error, SMTPException):
        return "connection refused, unreachable or no mail server"
    return str(error)


def _literal(address: str) -> str:
    """How a client without a name of its own calls itself: its address."""
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
