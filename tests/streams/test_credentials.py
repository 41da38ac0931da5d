"""Login and TLS of Faust's clients: aiokafka holds to them as kafka-python does."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from infra.kafka_security import OPEN, KafkaSecurity
from infra.settings import FileSettings
from streams.credentials import credentials
from streams.line import make_app
from tests.certificates import Authority
from tests.kafka_gate import Gate, gate

# Both clients forget sockets and transports of handshakes that failed.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)

HERE = "IP:127.0.0.1,DNS:kafka.invalid"
Start = Callable[..., Any]
LOGIN: dict[str, Any] = {"user": "ann", "password": "hunter2"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def door(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    folder = tmp_path_factory.mktemp("gate")
    with gate(folder, tls=authority.server(HERE), users={"ann": "hunter2"}) as opened:
        yield opened


def settings_of(address: str, security: KafkaSecurity) -> FileSettings:
    return FileSettings(kafka=address, real_kafka=False, kafka_security=security)


def connect(address: str, security: KafkaSecurity) -> None:
    async def begin() -> None:
        producer = make_app("refine", settings_of(address, security)).producer._new_producer()
        try:
            await producer.start()
        finally:
            await producer.stop()

    asyncio.run(begin())


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_login_over_tls(door: Gate, authority: Authority, mechanism: str) -> None:
    door.logins.clear()
    connect(door.address, KafkaSecurity(**LOGIN, mechanism=mechanism, tls=True, ca=authority.ca))
    assert set(door.logins) == {mechanism}


def test_who_signed_and_for_which_name_is_looked_at(door: Gate, authority: Authority) -> None:
    elsewhere = door.address.replace("127.0.0.1", "localhost")
    good = KafkaSecurity(**LOGIN, tls=True, ca=authority.ca)
    for address, security in (
        (door.address, KafkaSecurity(**LOGIN, tls=True)),  # whom the machine trusts
        (elsewhere, good),
        (door.address, KafkaSecurity(user="ann", password="wrong", tls=True, ca=authority.ca)),
        (door.address, KafkaSecurity(tls=True, ca=authority.ca)),
        (door.address, OPEN),
    ):
        with pytest.raises(KafkaConnectionError):
            connect(address, security)
    connect(elsewhere, good.model_copy(update={"check_hostname": False}))


@pytest.mark.faults
def test_a_whole_line_behind_a_login(
    door: Gate, authority: Authority, groundswell: Start, tmp_path: Path
) -> None:
    posts = tmp_path / "posts.csv"
    rows = [f"{n},Acme lost my bag {n},2026-03-01T08:{n:02}:00Z,a{n},Acme" for n in range(40)]
    posts.write_text("\n".join(["id,text,time,author,brand", *rows]))
    security = {"USER": "ann", "PASSWORD": "hunter2", "TLS": "true", "CA": str(authority.ca)}
    settings = {f"GROUNDSWELL_KAFKA_SECURITY__{name}": value for name, value in security.items()}
    settings |= {"GROUNDSWELL_KAFKA": door.address, "GROUNDSWELL_REAL_KAFKA": "false"}
    summary = tmp_path / "summary.json"
    line = groundswell("replay", posts, "--brand", "Acme", "--summary", summary, **settings)
    assert line.wait(170) == 0, line.err
    assert json.loads(summary.read_bytes())["posts_stored"] == len(rows)


def test_without_a_login_tls_alone() -> None:
    assert credentials(OPEN) is None
    assert credentials(KafkaSecurity(tls=True)).context.check_hostname
    login = credentials(KafkaSecurity(**LOGIN))
    assert (login.protocol.value, login.ssl_context) == ("SASL_PLAINTEXT", None)
    assert "hunter2" not in repr(login)
