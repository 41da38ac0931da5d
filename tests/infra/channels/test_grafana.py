"""Annotations against a Grafana that is played: https://grafana.com/docs, HTTP API, annotations."""

import asyncio
import json
import ssl
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec import to_builtins
from msgspec.structs import replace
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from infra.channels.grafana import LIMITS, GrafanaChannel, annotation
from infra.channels.guard import Guard
from infra.deliver.records import Attempt, Letter
from infra.receivers import GrafanaReceiver
from tests.infra.channels.golden import check_golden, taken
from tests.platform_letters import NOW, hostile_letters, letters

TOKEN = "glsa_0123456789abcdef"


def receiver(url: str = "https://grafana.example") -> GrafanaReceiver:
    return GrafanaReceiver(name="g", type="grafana", url=url, token=SecretStr(TOKEN))


def send(url: str, *letters: Letter, seconds: float = 10.0, allow: str = "") -> list[Attempt]:
    """An attempt for each letter, by one channel."""

    async def run() -> list[Attempt]:
        tls = ssl.create_default_context()
        channel = GrafanaChannel(Guard([allow or "127.0.0.1"]), tls=tls, seconds=seconds)
        made = [await channel.send(receiver(url), one, now=NOW) for one in letters]
        await channel.close()
        return made

    return asyncio.run(run())


class Grafana:
    """Keeps annotations as Grafana does, and what it was asked."""

    def __init__(self) -> None:
        self.kept: dict[int, dict[str, Any]] = {}
        self.asked: list[Request] = []
        self.lose_answers = 0  # to what it has already done

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Response('{"message": "Unauthorized"}', 401)
        if request.method == "GET":
            wanted = set(request.args.getlist("tags"))
            found = [{"id": n, **one} for n, one in self.kept.items() if wanted <= set(one["tags"])]
            return Response(json.dumps(found))
        said = json.loads(request.data)
        number = int(request.path.rpartition("/")[2]) if request.method == "PUT" else 0
        if number not in self.kept:
            number = len(self.kept) + 1
        self.kept[number] = said
        if self.lose_answers:
            self.lose_answers -= 1
            return Response("", 502)
        return Response(json.dumps({"message": "Annotation added", "id": number}))


@pytest.fixture
def grafana(httpserver: HTTPServer) -> Grafana:
    played = Grafana()
    for path in ("/team/api/annotations", "/team/api/annotations/1"):
        httpserver.expect_request(path).respond_with_handler(played.answer)
    return played


def at(httpserver: HTTPServer) -> str:
    """A Grafana under a path, as behind a proxy."""
    return f"http://127.0.0.1:{httpserver.port}/team/"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_annotations_are_as_agreed(language: Any) -> None:
    check_golden(
        f"grafana.{language}.json",
        {
            name: to_builtins(annotation(receiver(), one))
            for name, one in taken(language, LIMITS).items()
        },
    )


def test_an_incident_is_a_mark_and_then_a_region(httpserver: HTTPServer, grafana: Grafana) -> None:
    sorts = letters("en")
    (opened,) = send(at(httpserver), sorts["opened"])
    assert opened.outcome == "delivered"
    (mark,) = grafana.kept.values()
    assert mark["timeEnd"] is None
    (resolved,) = send(at(httpserver), sorts["resolved"])
    assert resolved.outcome == "delivered"
    (region,) = grafana.kept.values()
    assert region["time"] == mark["time"] < region["timeEnd"]
    assert region["tags"] == mark["tags"]
    assert {"groundswell", "Northwind", "negative_surge", "incident:inc_sample"} == set(
        region["tags"]
    )


def test_however_often_it_is_sent_there_is_one(httpserver: HTTPServer, grafana: Grafana) -> None:
    sorts = letters("en")
    grafana.lose_answers = 1
    made = send(at(httpserver), sorts["opened"], sorts["opened"], sorts["opened"])
    assert [one.outcome for one in made] == ["retry", "delivered", "delivered"]
    assert len(grafana.kept) == 1
    grafana.lose_answers = 1
    made = send(at(httpserver), sorts["resolved"], sorts["resolved"])
    assert [one.outcome for one in made] == ["retry", "delivered"]
    assert len(grafana.kept) == 1


def test_an_end_without_its_mark_is_a_region(httpserver: HTTPServer, grafana: Grafana) -> None:
    send(at(httpserver), letters("en")["resolved"])
    (region,) = grafana.kept.values()
    assert region["time"] < region["timeEnd"]


def test_only_annotations_are_asked_for(httpserver: HTTPServer, grafana: Grafana) -> None:
    send(at(httpserver), letters("zh")["opened"], letters("zh")["resolved"])
    assert {request.path.removesuffix("/1") for request in grafana.asked} == {
        "/team/api/annotations"
    }
    assert {request.host for request in grafana.asked} == {f"127.0.0.1:{httpserver.port}"}


@pytest.mark.parametrize(
    ("status", "body", "outcome", "said"),
    [
        (401, '{"message": "Invalid API key"}', "retry", "401"),
        (403, '{"message": "Access denied"}', "retry", "Access denied"),
        (412, '{"message": "version mismatch"}', "retry", "412"),
        (400, '{"message": "bad"}', "gave_up", "400"),
        (500, "no", "retry", "500"),
        (200, "<html>please log in", "retry", "no Grafana"),
        (200, "7", "retry", "no Grafana"),
        (200, '[{"a": 1}]', "retry", "no Grafana"),
        (404, "7", "retry", "no Grafana"),
        (500, f'{{"message": "token {TOKEN}"}}', "retry", "[secret]"),
        (200, "[" + " " * 3_000_000, "retry", "no Grafana"),
    ],
)
def test_what_an_answer_means(
    httpserver: HTTPServer, status: int, body: str, outcome: str, said: str
) -> None:
    httpserver.expect_request("/team/api/annotations").respond_with_data(body, status)
    (attempt,) = send(at(httpserver), letters("en")["opened"])
    assert attempt.outcome == outcome
    assert said in attempt.detail
    assert TOKEN not in attempt.detail


def test_redirects_are_not_followed(httpserver: HTTPServer) -> None:
    there = {"location": f"http://127.0.0.1:{httpserver.port}/elsewhere"}
    httpserver.expect_request("/team/api/annotations").respond_with_data("", 302, headers=there)
    (attempt,) = send(at(httpserver), letters("en")["opened"])
    assert attempt.outcome == "retry"
    assert "redirects are not followed" in attempt.detail
    assert [request.path for request, _ in httpserver.log] == ["/team/api/annotations"]


def test_a_slow_grafana_holds_nobody_up() -> None:
    over = Event()
    asked: list[str] = []

    def hang(request: Request) -> Response:
        asked.append(request.method)
        over.wait(10)
        return Response("[]")

    with HTTPServer(threaded=True) as slow:
        slow.expect_request("/team/api/annotations").respond_with_handler(hang)
        (attempt,) = send(at(slow), letters("en")["opened"], seconds=0.2)
        over.set()
    assert attempt.outcome == "retry"
    assert attempt.detail == "no answer within 0.2 s"
    assert asked == ["GET"]


def test_an_address_of_our_own_network_is_not_connected_to(httpserver: HTTPServer) -> None:
    (attempt,) = send(at(httpserver), letters("en")["opened"], allow="another.example")
    assert attempt.outcome == "retry"
    assert "allow_hosts" in attempt.detail
    assert httpserver.log == []


def test_it_connects_to_the_address_that_was_checked(
    httpserver: HTTPServer, grafana: Grafana
) -> None:
    class Sure(Guard):
        async def pin(self, host: str) -> str:
            assert host == "grafana.invalid"
            return "127.0.0.1"

    async def run() -> Attempt:
        channel = GrafanaChannel(Sure([]), tls=ssl.create_default_context())
        url = f"http://grafana.invalid:{httpserver.port}/team"  # a name that nobody can look up
        return await channel.send(receiver(url), letters("en")["opened"], now=NOW)

    assert asyncio.run(run()).outcome == "delivered"
    assert {request.host for request in grafana.asked} == {f"grafana.invalid:{httpserver.port}"}


@pytest.mark.parametrize(
    ("name", "trusted", "outcome", "said"),
    [
        ("grafana.invalid", True, "delivered", ""),
        ("another.invalid", True, "retry", "TLS failed"),
        ("grafana.invalid", False, "retry", "TLS failed"),
    ],
)
def test_tls_has_to_prove_the_name_that_was_asked_for(
    certificate: Path, name: str, trusted: bool, outcome: str, said: str
) -> None:
    class Sure(Guard):
        async def pin(self, host: str) -> str:
            return "127.0.0.1"

    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    tls = ssl.create_default_context(cafile=certificate / "cert.pem" if trusted else None)

    async def run(port: int) -> Attempt:
        channel = GrafanaChannel(Sure([]), tls=tls)
        to = receiver(f"https://{name}:{port}/team")
        return await channel.send(to, letters("en")["opened"], now=NOW)

    played = Grafana()
    with HTTPServer(ssl_context=server_tls) as secure:
        secure.expect_request("/team/api/annotations").respond_with_handler(played.answer)
        attempt = asyncio.run(run(secure.port))
    assert attempt.outcome == outcome
    assert said in attempt.detail
    assert len(played.kept) == (outcome == "delivered")


def first_alone(letter: Letter) -> Letter:
    return replace(letter, entries=letter.entries[:1])


@given(letter=hostile_letters().map(first_alone))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_words_stay_words(letter: Letter) -> None:
    made = annotation(receiver(), letter)
    rest = made.text.replace("<b>", "").replace("</b>", "").replace("<br>", "")
    head, anchor, tail = rest.partition('<a href="https://groundswell.example/')
    assert not set(head) & set('<>"')
    assert not anchor or tail.count("<") == 1
    assert all(0 < len(tag) <= 100 and min(tag) >= " " for tag in made.tags)
    assert made.key in made.tags
