"""Login and TLS of kafka-python's clients: what they are told, and whether they hold to it."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from pydantic import ValidationError
from pydantic_settings import SettingsError

from infra.backlog import backlog
from infra.kafka import Tail, open_producer
from infra.kafka_admin import KafkaAdmin
from infra.kafka_kinds import EMBEDDED
from infra.kafka_security import OPEN, KafkaSecurity, client_options, reveal_security, tls_context
from infra.kafka_topics import Topic
from infra.offsets import GroupOffsets
from infra.settings import FileSettings, Settings, dump
from tests.certificates import Authority
from tests.kafka_gate import Gate, forget_sockets, gate

# Both clients forget sockets and transports of handshakes that failed.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)

HERE = "IP:127.0.0.1,DNS:kafka.invalid"
USERS = {"ann": "pw,=é"}
LOGIN: dict[str, Any] = {"user": "ann", "password": "pw,=é"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def door(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    folder = tmp_path_factory.mktemp("gate")
    with gate(folder, tls=authority.server(HERE, asks=True), users=USERS) as opened:
        yield opened


@pytest.fixture(scope="module")
def known(authority: Authority) -> dict[str, Any]:
    """What lets a client in, but for its login."""
    certificate, key = authority.signed("ann", "DNS:ann")
    return {"tls": True, "ca": authority.ca, "certificate": certificate, "key": key}


def topics(address: str, security: KafkaSecurity) -> list[str]:
    options = client_options(address, security)
    try:
        admin = KafkaAdminClient(**options, bootstrap_timeout_ms=700)
    except KafkaError:
        forget_sockets()
        raise
    try:
        found: list[str] = admin.list_topics()
        return found
    finally:
        admin.close()


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_login_over_tls(door: Gate, known: dict[str, Any], mechanism: str) -> None:
    door.logins.clear()
    assert topics(door.address, KafkaSecurity(**LOGIN, **known, mechanism=mechanism)) == []
    assert set(door.logins) == {mechanism}


def test_who_signed_and_for_which_name_is_looked_at(
    door: Gate, known: dict[str, Any], tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "other").ca
    elsewhere = door.address.replace("127.0.0.1", "localhost")
    unknown = {"ca": stranger}
    for address, changed in ((door.address, unknown), (elsewhere, {})):
        with pytest.raises(KafkaError):
            topics(address, KafkaSecurity(**{**LOGIN, **known, **changed}))
    unchecked = KafkaSecurity(**LOGIN, **known, check_hostname=False)
    assert topics(elsewhere, unchecked) == []


def test_nobody_comes_in_without_what_is_asked_for(door: Gate, known: dict[str, Any]) -> None:
    nameless = {name: known[name] for name in ("tls", "ca")}
    wrong = {"user": "ann", "password": "pw"}
    for given in ({**LOGIN, **nameless}, {**wrong, **known}, known, {}):
        with pytest.raises(KafkaError):
            topics(door.address, KafkaSecurity(**given))


def test_every_client_comes_in(door: Gate, known: dict[str, Any]) -> None:
    security = KafkaSecurity(**LOGIN, **known)
    admin = KafkaAdmin(door.address, EMBEDDED, security)
    assert admin.create([Topic(name="t", partitions=1, replication=1)]) == ["t"]
    admin.close()
    settings = FileSettings(kafka=door.address, real_kafka=False, kafka_security=security)
    producer = open_producer(settings)
    producer.send("t", [(0, b"x"), (0, b"y")])
    producer.close()
    tail = Tail(door.address, security)
    assert tail.has_input(("t", 0), 1)
    tail.close()
    read: dict[str, Any] = {"group": "g", "topic": "t", "partitions": 1, "security": security}
    assert list(backlog(door.address, **read)) == [b"x", b"y"]
    offsets = GroupOffsets(door.address, **read, embedded=True)
    assert offsets.end() == (2,)
    offsets.close()


def test_what_clients_are_told() -> None:
    assert client_options("a:1, b:2", OPEN) == {
        "bootstrap_servers": ["a:1", "b:2"],
        "security_protocol": "PLAINTEXT",
    }
    told = client_options("a:1", KafkaSecurity(**LOGIN, tls=True))
    context = told.pop("ssl_context")
    assert told == {
        "bootstrap_servers": ["a:1"],
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "ann",
        "sasl_plain_password": "pw,=é",
    }
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert KafkaSecurity(tls=True).protocol == "SSL"
    assert KafkaSecurity(**LOGIN).protocol == "SASL_PLAINTEXT"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"user": "ann"}, "user and password belong together"),
        ({"password": "pw"}, "user and password belong together"),
        ({"ca": "ca.pem"}, "need tls: true"),
        ({"check_hostname": False}, "need tls: true"),
        ({"tls": True, "key": "a.key"}, "key needs the certificate"),
        ({"mechanism": "GSSAPI"}, "Input should be 'PLAIN'"),
    ],
)
def test_halves_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KafkaSecurity(**given)


def test_a_file_that_is_no_certificate_is_named(authority: Authority, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("not a certificate")
    for given in ({"ca": wrong}, {"ca": tmp_path / "gone.pem"}, {"certificate": wrong}):
        (path,) = given.values()
        with pytest.raises(SettingsError, match=f"kafka_security: {path}: no certificate"):
            tls_context(KafkaSecurity(tls=True, **given))


def test_a_locked_key_is_opened_by_its_password(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.signed("bob", "DNS:bob")
    locked = tmp_path / "locked.key"
    authority._run(f"pkey -in {key} -aes128 -passout pass:hunter2 -out {locked}")
    given: dict[str, Any] = {"tls": True, "certificate": certificate, "key": locked}
    assert tls_context(KafkaSecurity(**given, key_password="hunter2"))
    for wrong in ({}, {"key_password": "hunter3"}):
        with pytest.raises(SettingsError, match=f"{locked}: no certificate with its key") as told:
            tls_context(KafkaSecurity(**given, **wrong))
        assert "hunter" not in str(told.value)


def test_secrets_come_from_files_and_are_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    monkeypatch.setenv("GROUNDSWELL_KAFKA_SECURITY__USER", "ann")
    monkeypatch.setenv("GROUNDSWELL_KAFKA_SECURITY__PASSWORD__FILE", str(tmp_path / "password"))
    monkeypatch.setenv("GROUNDSWELL_KAFKA_SECURITY__TLS", "true")
    settings = Settings()
    assert settings.kafka_security.plain_password == "hunter2"
    assert "hunter2" not in repr(settings)
    # The processes of a line get it by their file of settings, which is private.
    again = FileSettings(**dump(settings))  # type: ignore[arg-type]
    assert again.kafka_security == settings.kafka_security
    assert reveal_security(OPEN) == {}
