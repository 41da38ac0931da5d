import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from forecasting.records import IncidentEvent
from infra.channels.webhook import sign
from infra.channels.webhook_body import render
from infra.deliver.records import Entry, Letter
from infra.receiver import LocalReceiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MakeEvent = Callable[..., IncidentEvent]


@pytest.fixture
def heard() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def local(heard: list[dict[str, Any]]) -> Iterator[LocalReceiver]:
    with LocalReceiver(SECRET, heard.append) as receiver:
        yield receiver


def post(url: str, body: bytes, message_id: str = "northwind.1.1", **headers: str) -> int:
    signed = sign(SECRET, message_id, datetime.now(UTC), body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(url, content=body, headers={**signed, **named}, trust_env=False).status_code


def test_a_verified_event_is_reported(
    local: LocalReceiver, heard: list[dict[str, Any]], make_event: MakeEvent
) -> None:
    assert local.url.startswith("http://127.0.0.1:")
    letter = Letter(notice_id="northwind.1.1", entries=(Entry(kind="opened", event=make_event()),))
    assert post(local.url, render(letter)) == 200
    assert [event["data"]["event_id"] for event in heard] == ["northwind.1.1"]


def test_a_repeat_is_accepted_and_reported_once(
    local: LocalReceiver, heard: list[dict[str, Any]]
) -> None:
    assert [post(local.url, b'{"n": 1}') for _ in range(3)] == [200] * 3
    assert post(local.url, b'{"n": 2}', "northwind.1.2") == 200
    assert heard == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    "forged",
    [
        {"webhook_signature": "v1,bm90IHRoaXM="},
        {"webhook_signature": "v1"},
        {"webhook_signature": "v1,no base64,at all"},
        {"webhook_signature": ""},
        {"webhook_id": "northwind.1.2"},
        {"webhook_timestamp": "nan"},
        {"webhook_timestamp": "yesterday"},
    ],
)
def test_a_signature_that_does_not_fit_is_refused(
    local: LocalReceiver, heard: list[dict[str, Any]], forged: dict[str, str]
) -> None:
    assert post(local.url, b"{}", **forged) == 401
    assert heard == []


def test_an_old_signature_is_refused(local: LocalReceiver, heard: list[dict[str, Any]]) -> None:
    signed = sign(SECRET, "northwind.1.1", datetime.now(UTC) - timedelta(minutes=6), b"{}")
    answer = httpx.post(local.url, content=b"{}", headers=signed, trust_env=False)
    assert answer.status_code == 401
    assert heard == []


def test_a_signature_of_another_secret_or_body_is_refused(
    local: LocalReceiver, heard: list[dict[str, Any]]
) -> None:
    other = sign("whsec_b3RoZXIgc2VjcmV0IGtleQ==", "northwind.1.1", datetime.now(UTC), b"{}")
    answer = httpx.post(local.url, content=b"{}", headers=other, trust_env=False)
    assert answer.status_code == 401
    own = sign(SECRET, "northwind.1.1", datetime.now(UTC), b"{}")
    answer = httpx.post(local.url, content=b'{"a": 1}', headers=own, trust_env=False)
    assert answer.status_code == 401
    answer = httpx.post(local.url, content=b"\xff\xfe", headers=own, trust_env=False)
    assert answer.status_code == 401
    assert heard == []


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 200), (64 * 1024 + 1, 413)])
def test_more_than_64_kb_is_too_much(
    local: LocalReceiver, heard: list[dict[str, Any]], size: int, status: int
) -> None:
    body = b'{"a": "' + b"x" * (size - 9) + b'"}'
    assert post(local.url, body) == status
    assert len(heard) == (status == 200)


@pytest.mark.parametrize("body", [b"", b"[1]", b"not json"])
def test_a_signed_body_that_is_no_object_is_a_bad_request(
    local: LocalReceiver, heard: list[dict[str, Any]], body: bytes
) -> None:
    assert post(local.url, body) == 400
    assert heard == []


def test_an_event_that_could_not_be_handled_is_handled_when_it_comes_again() -> None:
    heard: list[dict[str, Any]] = []

    def fails_once(event: dict[str, Any]) -> None:
        heard.append(event)
        if len(heard) == 1:
            raise RuntimeError("the printer is on fire")

    with LocalReceiver(SECRET, fails_once) as local:
        assert [post(local.url, b"{}") for _ in range(3)] == [500, 200, 200]
    assert len(heard) == 2


def test_leaving_the_block_ends_thread_and_socket(heard: list[dict[str, Any]]) -> None:
    with LocalReceiver(SECRET, heard.append) as local:
        assert "receiver" in [thread.name for thread in threading.enumerate()]
    assert "receiver" not in [thread.name for thread in threading.enumerate()]
    with pytest.raises(httpx.ConnectError):
        post(local.url, b"{}")


def test_a_taken_port_is_an_error_at_once(heard: list[dict[str, Any]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError), LocalReceiver(SECRET, heard.append, port=port):
            pass
    assert "receiver" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("secret", ["whsec_a", "whsec_", ""])
def test_a_secret_of_no_use_is_an_error_at_once(secret: str) -> None:
    with pytest.raises(ValueError):
        LocalReceiver(secret, print)
