"""Where a server is. No part of a password is ever repeated."""

from pathlib import Path

import pytest

from infra.clickhouse.address import database_of, parse_address, with_database
from infra.store import StoreRejected
from infra.store_clickhouse import ClickhouseStore


def test_an_address_is_taken_apart() -> None:
    host, options = parse_address("clickhouse://ann:p%40ss@db.example:9001/groundswell")
    assert host == "db.example"
    assert (options["user"], options["password"]) == ("ann", "p@ss")
    assert (options["port"], options["database"]) == (9001, "groundswell")
    assert options["settings"]["server_side_params"] is True
    assert (options["connect_timeout"], options["tcp_keepalive"]) == (5.0, True)
    assert not options.get("secure")


def test_tls_and_options(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    (tmp_path / "our.pem").write_text("")
    files = f"ca_certs={tmp_path}/ca.pem&certfile={tmp_path}/our.pem"
    address = "clickhouses://db.example/g?connect_timeout=9&verify=false&alt_hosts=two:9441,three"
    host, options = parse_address(f"{address}&{files}")
    assert (host, options["secure"], options["verify"]) == ("db.example", True, False)
    assert (options["connect_timeout"], options["alt_hosts"]) == (9, "two:9441,three")
    assert options["ca_certs"] == f"{tmp_path}/ca.pem"
    assert parse_address("clickhouse://h/g?secure=1")[1]["secure"] is True


def test_the_hosts_are_tried_in_order() -> None:
    from clickhouse_driver import Client

    host, options = parse_address("clickhouse://one:9001/g?alt_hosts=two:9002,three")
    hosts = Client(host, **options).connection.hosts
    assert list(hosts) == [("one", 9001), ("two", 9002), ("three", 9000)]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://u:secret@h/",
        "clickhouse://",
        "clickhouse://u:secret@h:port/x",
        "clickhouse://u:1/secret@h/x",
        "clickhouse://u:secret/more@h/x",
        "clickhouse://u:se#cret@h/x",
        "clickhouse://u:secret@h/x?ca_certs=/nowhere/ca.pem",
        "clickhouses://u:secret@h/x?ca_certs=/nowhere/ca.pem",
        f"clickhouses://u:secret@h/x?keyfile={__file__}",
    ],
)
def test_what_is_no_address_is_rejected_without_its_password(address: str) -> None:
    with pytest.raises(StoreRejected) as caught:
        ClickhouseStore(address)
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert "secret" not in str(caught.value)
    assert not any(word in str(chain[1]) for word in ("secret", "cret"))


def test_what_is_wrong_with_tls_is_said() -> None:
    for address, words in (
        (f"clickhouse://h/x?ca_certs={__file__}", "begin the ClickHouse address with clickhouses"),
        ("clickhouses://h/x?certfile=/nowhere/a.pem", "no file /nowhere/a.pem"),
        (f"clickhouses://h/x?keyfile={__file__}", "without its certfile"),
    ):
        with pytest.raises(StoreRejected, match=words):
            parse_address(address)


def test_another_database_of_the_same_server() -> None:
    address = "clickhouse://ann:p%40ss@h:9001/g?verify=false"
    assert with_database(address, "drill") == "clickhouse://ann:p%40ss@h:9001/drill?verify=false"
    assert database_of(address) == "g"
    with pytest.raises(StoreRejected, match="names no database"):
        database_of("clickhouse://h")
