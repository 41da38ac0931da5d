"""Apprise in a process of its own, against a service on loopback."""

import asyncio
import importlib.util
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec import to_builtins
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from infra.channels import apprise_way
from infra.channels.apprise_way import LIMITS, MISSING, AppriseChannel, order
from infra.channels.guard import Guard
from infra.deliver.records import Attempt, Letter
from infra.receivers import AppriseReceiver
from tests.infra.channels.golden import check_golden, taken
from tests.platform_letters import NOW, digest, hostile_letters, letters

TOKEN = "t0k3n-0123456789abcdef"

needs_apprise = pytest.mark.skipif(
    importlib.util.find_spec("apprise") is None, reason="the extra `chat` is not installed"
)


def receiver(url: str = "json://service.example/path") -> AppriseReceiver:
    return AppriseReceiver(name="a", type="apprise", url=SecretStr(url))


def send(url: str, *, allow: tuple[str, ...] = ("127.0.0.1",), seconds: float = 60.0) -> Attempt:
    async def run() -> Attempt:
        channel = AppriseChannel(allow, seconds=seconds)
        made = await channel.send(receiver(url), letters("en")["opened"], now=NOW)
        await channel.close()
        return made

    return asyncio.run(run())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_messages_are_as_agreed(language: Any) -> None:
    def told(letter: Letter) -> dict[str, Any]:
        made = to_builtins(order(receiver(), letter, ()))
        return {"title": made["title"], "body": made["body"].split("\n")}

    check_golden(
        f"apprise.{language}.json",
        {name: told(one) for name, one in taken(language, LIMITS).items()},
    )


@needs_apprise
def test_a_service_gets_title_and_body(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/path").respond_with_data("ok")
    attempt = send(f"json://127.0.0.1:{httpserver.port}/path")
    assert attempt.outcome == "delivered"
    ((request, _),) = httpserver.log
    said = json.loads(request.data)
    assert said["title"] == letters("en")["opened"].entries[0].event.headline
    assert "214 negative posts" in said["message"]


@needs_apprise
def test_a_refusal_is_tried_again_and_no_secret_is_told(httpserver: HTTPServer) -> None:
    httpserver.expect_request(f"/{TOKEN}").respond_with_data(TOKEN, 500)
    attempt = send(f"json://user:{TOKEN}@127.0.0.1:{httpserver.port}/{TOKEN}?retry=0")
    assert attempt.outcome == "retry"
    assert attempt.detail == "the service did not take it (apprise says no more)"


@needs_apprise
def test_redirects_are_not_followed(httpserver: HTTPServer) -> None:
    there = {"location": f"http://127.0.0.1:{httpserver.port}/elsewhere"}
    httpserver.expect_request("/path").respond_with_data("", 307, headers=there)
    assert send(f"json://127.0.0.1:{httpserver.port}/path").outcome == "retry"
    assert [request.path for request, _ in httpserver.log] == ["/path"]


@needs_apprise
def test_what_it_reaches_for_is_judged_when_it_does(httpserver: HTTPServer) -> None:
    attempt = send(f"json://localhost:{httpserver.port}/path", allow=("another.example",))
    assert attempt.outcome == "retry"
    assert re.match(r"(127\.0\.0\.1|::1) is not a public address", attempt.detail)
    assert httpserver.log == []


@needs_apprise
def test_a_host_that_may_be_private_may_by_its_name(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/path").respond_with_data("ok")
    url = f"json://LOCALHOST:{httpserver.port}/path"
    assert send(url, allow=("localhost",)).outcome == "delivered"


@needs_apprise
def test_a_url_that_apprise_cannot_read_is_for_a_person_to_mend() -> None:
    attempt = send(f"nosuch://{TOKEN}")
    assert attempt.outcome == "retry"
    assert attempt.detail == "receivers.a: apprise cannot read the url"


@needs_apprise
def test_a_service_that_hangs_is_ended() -> None:
    async def run() -> Attempt:
        async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        channel = AppriseChannel(["127.0.0.1"], seconds=0.2)
        to = receiver(f"json://127.0.0.1:{port}/path")
        made = await channel.send(to, letters("en")["opened"], now=NOW)
        server.close()
        return made

    attempt = asyncio.run(run())
    assert attempt.outcome == "retry"
    assert attempt.detail == "no end within 0.2 s"


def test_without_apprise_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    attempt = send("json://service.example/")
    assert attempt.outcome == "retry"
    assert attempt.detail == MISSING


def test_the_guard_says_which_hosts_may_be_private() -> None:
    assert apprise_way.channel(Guard(["Hooks.Internal"])).limits.entries > 1
    assert Guard(["Hooks.Internal", "[::1]"]).allowed == {"hooks.internal", "::1"}


def test_a_digest_tells_each_incident_once() -> None:
    made = order(receiver(), digest(20, "headline"), ())
    assert all(made.body.count(f"No{number}.") == 1 for number in range(20))


@given(letter=hostile_letters())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_the_title_is_one_line(letter: Letter) -> None:
    made = order(receiver(), letter, ())
    assert "\n" not in made.title
    assert all(ord(c) >= 32 or c == "\n" for c in made.body)
