import asyncio
import gzip
import hmac
import json
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

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pydantic import SecretStr
from standardwebhooks import Webhook

from forecasting.evidence import Cluster, FeedWord, Link, Part, Term, Topic, Voice
from forecasting.records import IncidentEvent
from infra.channels.guard import Guard
from infra.channels.webhook import Attempt, Timeouts, WebhookSender, render, sign
from infra.channels.webhook_body import MAX_BYTES
from infra.channels.webhook_schema import PATH, schema
from infra.receivers import WebhookReceiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = SECRET.removeprefix("whsec_")
NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)
QUICK = Timeouts(connect=5, total=0.3, answer=0.05)
MakeEvent = Callable[..., IncidentEvent]
MakeReceiver = Callable[..., WebhookReceiver]


def send(receiver: WebhookReceiver, *, allow: tuple[str, ...] = (), **options: Any) -> Attempt:
    """One attempt with a sender of its own, on a loop of its own."""

    async def attempt() -> Attempt:
        sender = WebhookSender(allow, timeouts=options.get("timeouts", Timeouts()))
        try:
            return await sender.send(
                receiver,
                "northwind.1.1",
                body=options.get("body", b'{"a": 1}'),
                now=options.get("now", NOW),
            )
        finally:
            await sender.close()

    return asyncio.run(attempt())


@pytest.fixture
def exchange(play: SimpleNamespace, make_receiver: MakeReceiver) -> Callable[..., Any]:
    """One attempt at a receiver with a behaviour: the attempt, and the receiver afterwards."""

    def run(behaviour: Any, **options: Any) -> tuple[Attempt, Any]:
        async def attempt() -> tuple[Attempt, Any]:
            async with play.receiver(behaviour) as hook:
                sender = WebhookSender(["127.0.0.1"], timeouts=options.pop("timeouts", Timeouts()))
                made = await sender.send(
                    make_receiver(hook.url),
                    "northwind.1.1",
                    body=options.get("body", b'{"a": 1}'),
                    now=options.get("now", NOW),
                )
                await sender.close()
                return made, hook

        return asyncio.run(attempt())

    return run


# ---- the body


def test_a_body_says_what_happened_in_version_1(make_event: MakeEvent) -> None:
    body = json.loads(render(make_event(number=2, change="resolved")))
    assert body["type"] == "incident.resolved"
    assert body["version"] == 1
    assert body["timestamp"] == "2026-03-01T23:05:00Z"
    assert body["data"]["event_id"] == "northwind.1.2"
    assert body["data"]["incident"]["observed"] == 214
    assert body["data"]["evidence"]["examples"][0]["author"] == "kai_r"
    assert body["data"]["headline"].startswith("Northwind")


def test_the_schema_on_disk_is_current() -> None:
    assert PATH.read_bytes() == schema(), "run python -m infra.channels.webhook_schema"


@pytest.mark.parametrize("change", ["opened", "updated", "resolved"])
def test_a_body_fits_the_schema(make_event: MakeEvent, change: str) -> None:
    jsonschema.validate(
        json.loads(render(make_event(change=change))), json.loads(PATH.read_bytes())
    )


def test_a_body_without_the_newer_fields_still_fits(make_event: MakeEvent) -> None:
    """Receivers that check against a newer schema get what an earlier program stored."""
    body = json.loads(render(make_event()))
    for name in (
        "posts",
        "hashtags",
        "topics",
        "clusters",
        "cluster_ids",
        "loudest",
        "origin",
        "only_source",
        "only_language",
        "linked",
        "feeds",
        "elsewhere",
    ):
        del body["data"]["evidence"][name]
    del body["data"]["sentence"]
    jsonschema.validate(body, json.loads(PATH.read_bytes()))


def test_the_schema_refuses_what_is_no_body(make_event: MakeEvent) -> None:
    body = json.loads(render(make_event()))
    body["data"]["incident"]["severity"] = "high"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(body, json.loads(PATH.read_bytes()))


def test_long_examples_are_shortened_first(make_event: MakeEvent) -> None:
    event = make_event()
    long = replace(event.evidence.examples[0], text="电池起火" * 1000)
    event = replace(event, evidence=replace(event.evidence, examples=(long,) * 20))
    body = json.loads(render(event))
    assert len(render(event)) <= MAX_BYTES
    assert len(body["data"]["evidence"]["examples"]) == 20
    assert body["data"]["evidence"]["examples"][0]["text"].endswith("…")
    assert body["data"]["message"] == event.message
    assert body["data"]["evidence"]["terms"][0]["text"] == "battery fire"


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=3000)


@settings(max_examples=60, deadline=None)
@given(
    text=words,
    brand=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256),
    copies=st.integers(0, 60),
    message=words,
)
def test_any_event_fits_and_is_rendered_the_same_each_time(
    make_event: MakeEvent, text: str, brand: str, copies: int, message: str
) -> None:
    event = make_event()
    example = replace(event.evidence.examples[0], text=text, url=text, author=text)
    voice = Voice(post_id=text, author=text, followers=1, url=text, published_at=NOW, posts=copies)
    evidence = replace(
        event.evidence,
        examples=(example,) * copies,
        first=example,
        clusters=(Cluster(cluster_id="7", count=9, authors=9, sources=1, first=example),) * copies,
        loudest=(voice,) * copies,
        hashtags=(Term(text=text, share=0.5, share_before=0.1),) * copies,
        topics=(Topic(terms=(text,) * copies, count=9, share=0.5),) * copies,
        linked=(Link(incident_id="inc_2", brand=text[:256] or "b", by="texts", shared=1),) * copies,
        feeds=(FeedWord(name=text, state="running", clock=NOW),) * copies,
        only_source=text,
        terms=(Term(text=text, share=0.5, share_before=0.1),) * copies,
        sources=(Part(name=text, count=1),) * copies,
    )
    change = replace(event.change, brand=brand, incident_id=f"{brand}.1")
    event = replace(event, change=change, evidence=evidence, message=message * 20, headline=text)
    body = render(event)
    assert len(body) <= MAX_BYTES
    assert body == render(event)
    jsonschema.validate(json.loads(body), json.loads(PATH.read_bytes()))
    assert json.loads(body)["data"]["incident"]["brand"] == brand


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
    exchange: Callable[..., Any], make_event: MakeEvent
) -> None:
    body = render(make_event())
    attempt, hook = exchange(_ok, body=body, now=datetime.now(UTC))
    assert attempt == Attempt(outcome="delivered", status=204)
    ((headers, received),) = hook.requests
    assert received == body
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == "northwind.1.1"
    assert Webhook(SECRET).verify(received, headers)["data"]["event_id"] == "northwind.1.1"


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
    assert (attempt.outcome, attempt.wait) == ("retry", wait)


def test_nobody_listening_is_a_retry(play: SimpleNamespace, make_receiver: MakeReceiver) -> None:
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
    attempt, _ = exchange(getattr(play, body)(status), timeouts=QUICK)
    assert (attempt.outcome, attempt.status) == (outcome, status)
    assert len(attempt.detail) < 250


def test_a_compressed_answer_is_not_unpacked(
    exchange: Callable[..., Any], play: SimpleNamespace
) -> None:
    bomb = gzip.compress(b"A" * 1_000_000)
    attempt, _ = exchange(play.answers(500, headers="content-encoding: gzip\r\n", body=bomb))
    assert attempt.status == 500
    assert "AAAA" not in attempt.detail


def test_a_name_that_does_not_exist_is_a_retry(make_receiver: MakeReceiver) -> None:
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
        "224.0.0.1", "[ff02::1]", "255.255.255.255",
    ],
)  # fmt: skip
def test_our_own_network_is_out_of_reach_and_the_detail_names_the_setting(
    make_receiver: MakeReceiver, host: str
) -> None:
    attempt = send(make_receiver(f"http://{host}:9/hook"))
    assert (attempt.outcome, attempt.status) == ("retry", 0)
    assert "allow_hosts" in attempt.detail


def test_a_blocked_receiver_is_not_even_connected_to(
    play: SimpleNamespace, make_receiver: MakeReceiver
) -> None:
    async def attempt() -> tuple[Attempt, int]:
        async with play.receiver(_ok) as hook:
            sender = WebhookSender(["example.com"])
            receiver = make_receiver(hook.url.replace("127.0.0.1", "localhost"))
            made = await sender.send(receiver, "northwind.1.1", body=b"{}", now=NOW)
            await sender.close()
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
    play: SimpleNamespace, make_receiver: MakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def attempt() -> tuple[Attempt, list[Any]]:
        async with play.receiver(_ok) as hook:
            sender = WebhookSender()
            loop = asyncio.get_running_loop()
            look_up, answers = loop.getaddrinfo, [[(2, 1, 6, "", ("93.184.216.34", 0))]]

            async def rebinding(*args: Any, **options: Any) -> Any:
                return answers.pop() if answers else await look_up(*args, **options)

            monkeypatch.setattr(loop, "getaddrinfo", rebinding)
            receiver = make_receiver(hook.url.replace("127.0.0.1", "localhost"))
            made = await sender.send(receiver, "northwind.1.1", body=b"{}", now=NOW)
            await sender.close()
            return made, hook.requests

    made, requests = asyncio.run(attempt())
    assert made.outcome == "retry"
    assert "allow_hosts" in made.detail
    assert requests == []


# ---- set wrongly, TLS, secrets


@pytest.mark.parametrize(
    "url", ["ftp://example.com/", "https://", "example.com/hook", "https://xn--/", "http://[::1"]
)
def test_a_url_of_no_use_says_which_receiver(make_receiver: MakeReceiver, url: str) -> None:
    receiver = make_receiver("https://example.com").model_copy(update={"url": url})
    attempt = send(receiver)
    assert attempt.outcome == "retry"
    assert "receivers.team" in attempt.detail


def test_a_secret_of_no_use_says_which_receiver(make_receiver: MakeReceiver) -> None:
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
    ("greeting", "detail"),
    [(b"220 mail.example.com\r\n", "TLS failed: WRONG_VERSION_NUMBER"), (b"", "no connection")],
)
def test_tls_that_is_no_tls_is_a_retry(
    make_receiver: MakeReceiver, greeting: bytes, detail: str
) -> None:
    async def attempt() -> Attempt:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(greeting)
            await reader.read()
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        sender = WebhookSender(["127.0.0.1"], timeouts=Timeouts(connect=0.2, total=5))
        receiver = make_receiver(f"https://127.0.0.1:{port}/")
        made = await sender.send(receiver, "northwind.1.1", body=b"{}", now=NOW)
        await sender.close()
        server.close()
        return made

    made = asyncio.run(attempt())
    assert made.outcome == "retry"
    assert made.detail.startswith(detail)


def test_a_certificate_of_nobody_we_know_is_a_retry(
    tmp_path: Path, make_receiver: MakeReceiver
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
        sender = WebhookSender(["127.0.0.1"])
        made = await sender.send(
            make_receiver(f"https://127.0.0.1:{port}/"), "northwind.1.1", body=b"{}", now=NOW
        )
        await sender.close()
        server.close()
        return made

    made = asyncio.run(attempt())
    assert made.outcome == "retry"
    assert "TLS failed: self-signed certificate" in made.detail
