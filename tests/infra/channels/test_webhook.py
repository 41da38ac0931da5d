"""Standard Webhooks: signed, guarded, and what an answer means."""

import asyncio
import gzip
import hmac
import ssl
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from pydantic import SecretStr
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from infra.channels.guard import Guard
from infra.channels.open_channels import Channels
from infra.channels.post import TIMEOUTS, Timeouts
from infra.channels.webhook import sign
from infra.channels.webhook_body import render
from infra.deliver.records import Attempt, Letter
from infra.receivers import WebhookReceiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
KEY = SECRET.removeprefix("whsec_")
NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)
QUICK = Timeouts(connect=5, total=0.3, answer=0.05)
MakeLetter = Callable[..., Letter]
MakeReceiver = Callable[..., WebhookReceiver]


async def attempt_at(
    receiver: WebhookReceiver,
    letter: Letter,
    *,
    allow: tuple[str, ...] = ("127.0.0.1",),
    timeouts: Timeouts = TIMEOUTS,
    now: datetime = NOW,
) -> Attempt:
    """One attempt by ways opened for it; how long it took is no test's business."""
    channels = Channels(allow, timeouts=timeouts)
    try:
        made = await channels.send(receiver, letter, now=now)
    finally:
        await channels.close()
    assert 0 <= made.latency_ms < 60_000
    return replace(made, latency_ms=0)


@pytest.fixture
def send(make_letter: MakeLetter) -> Callable[..., Attempt]:
    """One attempt at an address where nobody plays."""

    def run(receiver: WebhookReceiver, **options: Any) -> Attempt:
        return asyncio.run(attempt_at(receiver, make_letter(), **{"allow": (), **options}))

    return run


@pytest.fixture
def exchange(
    play: SimpleNamespace, make_receiver: MakeReceiver, make_letter: MakeLetter
) -> Callable[..., Any]:
    """One attempt at a receiver with a behaviour: the attempt, and the receiver afterwards."""

    def run(behaviour: Any, *, letter: Letter | None = None, **options: Any) -> tuple[Attempt, Any]:
        async def attempt() -> tuple[Attempt, Any]:
            async with play.receiver(behaviour) as hook:
                receiver = make_receiver(hook.url)
                return await attempt_at(receiver, letter or make_letter(), **options), hook

        return asyncio.run(attempt())

    return run


# ---- the signature


def test_a_signature_passes_the_specification_s_own_verifier() -> None:
    body = '{"text": "电池起火"}'.encode()
    headers = sign(SECRET, "northwind.1.1", datetime.now(UTC), body)
    assert Webhook(SECRET).verify(body, headers) == {"text": "电池起火"}


def test_a_time_of_another_zone_signs_the_same_moment() -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    headers = sign(SECRET, "northwind.1.1", shanghai, b"{}")
    assert headers == sign(SECRET, "northwind.1.1", NOW, b"{}")
    seconds = round(NOW.timestamp())
    assert headers["webhook-timestamp"] == str(seconds)
    digest = hmac.new(b64decode(KEY), f"northwind.1.1.{seconds}.{{}}".encode(), sha256).digest()
    assert headers["webhook-signature"] == "v1," + b64encode(digest).decode()


def test_a_receiver_with_the_old_or_the_new_secret_takes_it_during_a_rotation() -> None:
    body = b'{"a": 1}'
    headers = sign(SECRET, "northwind.1.1", datetime.now(UTC), body, old=[OTHER])
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(body, headers) == {"a": 1}
    stranger = Webhook("whsec_" + b64encode(b"another key of a stranger").decode())
    with pytest.raises(WebhookVerificationError):
        stranger.verify(body, headers)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        sign(SECRET, "northwind.1.1", NOW.replace(tzinfo=None), b"{}")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_a", "whsec_ö"])
def test_a_secret_of_another_form_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and base64") as raised:
        sign(secret, "northwind.1.1", NOW, b"{}")
    assert raised.value.__suppress_context__


# ---- one attempt


def test_what_arrives_is_what_was_signed(
    exchange: Callable[..., Any], make_letter: MakeLetter
) -> None:
    letter = make_letter()
    attempt, hook = exchange(_ok, letter=letter, now=datetime.now(UTC))
    assert attempt == Attempt(outcome="delivered", status=204)
    ((headers, received),) = hook.requests
    assert received == render(letter)
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == "Groundswell"
    assert headers["webhook-id"] == "northwind.1.1"
    assert Webhook(SECRET).verify(received, headers)["data"]["event_id"] == "northwind.1.1"


def test_each_attempt_has_the_same_id_and_its_own_time(
    play: SimpleNamespace, make_receiver: MakeReceiver, make_letter: MakeLetter
) -> None:
    async def attempts() -> tuple[list[Attempt], Any]:
        async with play.receiver(play.answers(500), play.answers(200)) as hook:
            receiver = make_receiver(hook.url).model_copy(
                update={"old_secrets": (SecretStr(OTHER),)}
            )
            moments = [NOW, NOW + timedelta(seconds=5)]
            return [await attempt_at(receiver, make_letter(), now=now) for now in moments], hook

    made, hook = asyncio.run(attempts())
    assert [attempt.outcome for attempt in made] == ["retry", "delivered"]
    (first, body), (second, again) = hook.requests
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 5
    assert body == again
    for headers in (first, second):
        signatures = headers["webhook-signature"].split(" ")
        moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        assert signatures == [
            Webhook(secret).sign(headers["webhook-id"], moment, body.decode())
            for secret in (SECRET, OTHER)
        ]


async def _ok(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "delivered"),
        (202, "delivered"),
        (400, "retry"),  # a deploy of the receiver may be half done
        (401, "retry"),  # its secret may be about to change
        (404, "retry"),
        (410, "gave_up"),  # the specification: gone for good
        (500, "retry"),
    ],
)
def test_the_status_decides(
    exchange: Callable[..., Any], play: SimpleNamespace, status: int, outcome: str
) -> None:
    attempt, _ = exchange(play.answers(status, body=b"for a reason"))
    assert (attempt.outcome, attempt.status) == (outcome, status)
    assert attempt.gone == (status == 410)
    assert ("for a reason" in attempt.detail) == (outcome != "delivered")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_not_followed(
    exchange: Callable[..., Any], play: SimpleNamespace, status: int
) -> None:
    attempt, hook = exchange(
        play.answers(status, headers="location: http://169.254.169.254/latest/meta-data/\r\n")
    )
    assert (attempt.outcome, attempt.status) == ("retry", status)
    assert "not followed" in attempt.detail
    assert hook.connections == 1


@pytest.mark.parametrize(
    ("status", "asked", "wait"),
    [
        (429, "120", timedelta(seconds=120)),
        (503, "120", timedelta(seconds=120)),
        (500, "120", timedelta(0)),  # not where the standard gives it a meaning for us
        (429, "Sun, 01 Mar 2026 23:10:00 GMT", timedelta(minutes=10)),
        (429, "Sun, 01 Mar 2026 22:00:00 GMT", timedelta(0)),  # past
        (429, "999999999999999999999", timedelta(hours=24)),
        (429, "Sun, 01 Mar 2099 23:10:00 GMT", timedelta(hours=24)),
        (429, "9" * 5000, timedelta(0)),
        (429, "-5", timedelta(0)),
        (429, "soon", timedelta(0)),
        (429, "Sun, 99 Mar 2026 99:99:99 GMT", timedelta(0)),
    ],
)
def test_retry_after_is_honoured_within_a_day(
    exchange: Callable[..., Any], play: SimpleNamespace, status: int, asked: str, wait: timedelta
) -> None:
    attempt, _ = exchange(play.answers(status, headers=f"retry-after: {asked}\r\n"))
    assert (attempt.outcome, attempt.wait_seconds) == ("retry", wait.total_seconds())


def test_nobody_listening_is_a_retry(
    play: SimpleNamespace, make_receiver: MakeReceiver, send: Callable[..., Attempt]
) -> None:
    async def free_port() -> str:
        async with play.receiver(play.hangs) as hook:
            return str(hook.url)

    attempt = send(make_receiver(asyncio.run(free_port())), allow=("127.0.0.1",))
    assert attempt == Attempt(outcome="retry", detail="connection refused or unreachable")


def test_an_answer_that_does_not_come_is_a_retry(
    exchange: Callable[..., Any], play: SimpleNamespace
) -> None:
    attempt, hook = exchange(play.hangs, timeouts=QUICK)
    assert attempt == Attempt(outcome="retry", detail="no answer within 0.3 s")
    assert len(hook.requests) <= 1  # of a busy machine it may not even have heard


def test_a_connection_that_is_cut_is_a_retry(
    exchange: Callable[..., Any], play: SimpleNamespace
) -> None:
    attempt, hook = exchange(play.resets)
    assert (attempt.outcome, attempt.status) == ("retry", 0)
    assert attempt.detail.startswith("the connection ")
    assert len(hook.requests) == 1


def test_something_that_is_not_http_is_a_retry(
    exchange: Callable[..., Any], play: SimpleNamespace
) -> None:
    attempt, _ = exchange(play.talks_nonsense)
    assert (attempt.outcome, attempt.detail) == (
        "retry",
        "the connection ended without an HTTP answer",
    )


@pytest.mark.parametrize(("status", "outcome"), [(200, "delivered"), (500, "retry")])
@pytest.mark.parametrize("body", ["never_ends", "drips"])
def test_an_endless_or_stuck_answer_hurts_nobody(
    exchange: Callable[..., Any], play: SimpleNamespace, body: str, status: int, outcome: str
) -> None:
    attempt, _ = exchange(getattr(play, body)(status), timeouts=Timeouts(total=60, answer=0.05))
    assert (attempt.outcome, attempt.status) == (outcome, status)
    assert len(attempt.detail) < 250


def test_of_an_answer_of_a_gigabyte_the_beginning_is_read(exchange: Callable[..., Any]) -> None:
    poured = 0

    async def pour(writer: asyncio.StreamWriter) -> None:
        nonlocal poured
        writer.write(b"HTTP/1.1 500 Status\r\ncontent-length: 1000000000\r\n\r\n")
        while poured < 1_000_000_000:
            writer.write(b"x" * 65_536)
            await writer.drain()
            poured += 65_536

    attempt, _ = exchange(pour, timeouts=Timeouts(total=60, answer=60))
    assert (attempt.outcome, attempt.status) == ("retry", 500)
    assert attempt.detail == f"answered 500: {'x' * (200 - len('answered 500: '))}"
    assert poured < 100_000_000  # what fits into the sockets' buffers


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_an_answer_that_never_gets_to_its_body_is_a_retry(
    exchange: Callable[..., Any], head: bytes
) -> None:
    async def pour(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            more = b"x-more: 1\r\n" if head.startswith(b"HTTP/1.1 200") else head
            writer.write(more * 1_000)
            await writer.drain()

    attempt, _ = exchange(pour, timeouts=Timeouts(total=2))
    assert (attempt.outcome, attempt.status) == ("retry", 0)


def test_a_slow_head_is_given_up_when_the_time_is_over(
    exchange: Callable[..., Any],
) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n" * 100:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.01)

    attempt, _ = exchange(drip, timeouts=QUICK)
    assert attempt == Attempt(outcome="retry", detail="no answer within 0.3 s")


def test_a_compressed_answer_is_not_unpacked(
    exchange: Callable[..., Any], play: SimpleNamespace
) -> None:
    bomb = gzip.compress(b"A" * 1_000_000)
    attempt, _ = exchange(play.answers(500, headers="content-encoding: gzip\r\n", body=bomb))
    assert attempt.status == 500
    assert "AAAA" not in attempt.detail


def test_a_name_that_does_not_exist_is_a_retry(
    make_receiver: MakeReceiver, send: Callable[..., Attempt]
) -> None:
    for host in ("no-such-host.invalid", "a" * 70 + ".invalid"):
        attempt = send(make_receiver(f"https://{host}/hook"))
        assert (attempt.outcome, attempt.status) == ("retry", 0)
        assert "DNS" in attempt.detail


# ---- addresses


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0",
        "169.254.169.254", "2130706433", "0x7f.1", "127.1", "[::1]", "[fe80::1]", "[fd00::1]",
        "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "224.0.0.1", "[ff02::1]", "255.255.255.255", "[fec0::1]", "[::7f00:1]",
        "[64:ff9b:1::7f00:1]", "[::ffff:0:7f00:1]", "[5f00::1]", "[3fff::1]",
    ],
)  # fmt: skip
def test_our_own_network_is_out_of_reach_and_the_detail_names_the_setting(
    make_receiver: MakeReceiver, send: Callable[..., Attempt], host: str
) -> None:
    attempt = send(make_receiver(f"http://{host}:9/hook"))
    assert (attempt.outcome, attempt.status) == ("retry", 0)
    assert "allow_hosts" in attempt.detail


def test_a_blocked_receiver_is_not_even_connected_to(
    play: SimpleNamespace, make_receiver: MakeReceiver, make_letter: MakeLetter
) -> None:
    async def attempt() -> tuple[Attempt, int]:
        async with play.receiver(_ok) as hook:
            receiver = make_receiver(hook.url.replace("127.0.0.1", "localhost"))
            made = await attempt_at(receiver, make_letter(), allow=("example.com",))
            return made, hook.connections

    made, connections = asyncio.run(attempt())
    assert made.outcome == "retry"
    assert connections == 0


@pytest.mark.parametrize(
    ("host", "address", "permitted"),
    [
        ("hooks.example.com", "93.184.216.34", True),
        ("hooks.example.com", "2606:4700::1111", True),
        ("hooks.example.com", "10.0.0.1", False),  # its name server changed its mind
        ("Hooks.Internal", "10.0.0.1", True),  # listed
        ("::1", "::1", True),  # listed with brackets
        ("::1.example.com", "::1", False),
    ],
)
def test_the_guard_judges_host_and_address(host: str, address: str, permitted: bool) -> None:
    guard = Guard(["hooks.internal", "[::1]"])
    assert guard.permits(host, ip_address(address)) is permitted


def test_a_name_that_turns_private_after_the_look_up_gets_nothing(
    play: SimpleNamespace,
    make_receiver: MakeReceiver,
    make_letter: MakeLetter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def attempt() -> tuple[Attempt, list[Any]]:
        async with play.receiver(_ok) as hook:
            loop = asyncio.get_running_loop()
            look_up, answers = loop.getaddrinfo, [[(2, 1, 6, "", ("93.184.216.34", 0))]]

            async def rebinding(*args: Any, **options: Any) -> Any:
                return answers.pop() if answers else await look_up(*args, **options)

            monkeypatch.setattr(loop, "getaddrinfo", rebinding)
            receiver = make_receiver(hook.url.replace("127.0.0.1", "localhost"))
            return await attempt_at(receiver, make_letter(), allow=()), hook.requests

    made, requests = asyncio.run(attempt())
    assert made.outcome == "retry"
    assert "allow_hosts" in made.detail
    assert requests == []


# ---- set wrongly, TLS, secrets


@pytest.mark.parametrize(
    "url", ["ftp://example.com/", "https://", "example.com/hook", "https://xn--/", "http://[::1"]
)
def test_a_url_of_no_use_says_which_receiver(
    make_receiver: MakeReceiver, send: Callable[..., Attempt], url: str
) -> None:
    receiver = make_receiver("https://example.com").model_copy(update={"url": url})
    attempt = send(receiver)
    assert attempt.outcome == "retry"
    assert "receivers.team" in attempt.detail


def test_a_secret_of_no_use_says_which_receiver(
    make_receiver: MakeReceiver, send: Callable[..., Attempt]
) -> None:
    receiver = make_receiver("https://example.com")
    attempt = send(receiver.model_copy(update={"secret": SecretStr("whsec_hunter2/a")}))
    assert attempt.outcome == "retry"
    assert "receivers.team" in attempt.detail
    assert "hunter2" not in attempt.detail


@pytest.mark.parametrize("form", [SECRET, KEY, KEY.rstrip("="), f"expected {KEY}!"])
def test_a_receiver_that_says_our_secret_back_does_not_get_it_logged(
    exchange: Callable[..., Any], play: SimpleNamespace, form: str
) -> None:
    attempt, _ = exchange(
        play.answers(401, body=f"bad signature, I have {form}\r\n\x1b[2J".encode())
    )
    assert "[secret]" in attempt.detail
    assert KEY[:8] not in attempt.detail
    assert attempt.detail.isprintable()


@pytest.mark.parametrize(
    ("greeting", "connect", "detail"),
    [
        (b"220 mail.example.com\r\n", 60, "TLS failed: WRONG_VERSION_NUMBER"),
        (b"", 0.2, "no connection"),
    ],
)
def test_tls_that_is_no_tls_is_a_retry(
    make_receiver: MakeReceiver,
    make_letter: MakeLetter,
    greeting: bytes,
    connect: float,
    detail: str,
) -> None:
    async def attempt() -> Attempt:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(greeting)
            await reader.read()
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        receiver = make_receiver(f"https://127.0.0.1:{port}/")
        patience = Timeouts(connect=connect, total=60)
        made = await attempt_at(receiver, make_letter(), timeouts=patience)
        server.close()
        return made

    made = asyncio.run(attempt())
    assert made.outcome == "retry"
    assert made.detail.startswith(detail)


def test_a_certificate_of_nobody_we_know_is_a_retry(
    tmp_path: Path, make_receiver: MakeReceiver, make_letter: MakeLetter
) -> None:
    made_by = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    made_by += f" -keyout {tmp_path}/key.pem -out {tmp_path}/cert.pem"
    try:
        subprocess.run(made_by.split(), check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

    async def attempt() -> Attempt:
        server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        receiver = make_receiver(f"https://127.0.0.1:{port}/")
        made = await attempt_at(receiver, make_letter())
        server.close()
        return made

    made = asyncio.run(attempt())
    assert made.outcome == "retry"
    assert "TLS failed: self-signed certificate" in made.detail
