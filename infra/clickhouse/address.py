"""Where a ClickHouse server is, and how it is spoken to.

`clickhouse://user:password@host:9000/database`, or `clickhouses://` for TLS (port 9440). Behind it
`?name=value&...`, of which these matter:

    alt_hosts=host2:9440,host3      other servers of the same data, tried in this order
    ca_certs=/path/ca.pem           who signed the server's certificate; default: known ones
    certfile=, keyfile=             our own certificate, where the server asks for one
    verify=false                    take any certificate: for a test only
    connect_timeout=, send_receive_timeout=    seconds

and any other option of clickhouse-driver or setting of the server.
"""

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from infra.store import StoreRejected

SCHEMES: Final = ("clickhouse://", "clickhouses://")
DEFAULTS: Final[dict[str, Any]] = {
    "client_name": "groundswell",
    "connect_timeout": 5.0,  # of each host: the next one is tried after it
    "send_receive_timeout": 300.0,
    "sync_request_timeout": 5.0,  # of the ping before a statement on a connection that was idle
    "tcp_keepalive": True,  # else a firewall's silence is noticed by the next statement only
}
FILES: Final = ("ca_certs", "certfile", "keyfile")
PERCENT: Final = "write / @ : ? # in a name or password as %2F %40 %3A %3F %23"


def parse_address(address: str) -> tuple[str, dict[str, Any]]:
    """Host and keyword arguments of clickhouse-driver's Client.

    Raises StoreRejected for one that is none, without repeating any of it: a password that is not
    escaped stands where the port or the path should.
    """
    from clickhouse_driver.util.helpers import parse_url

    if not address.startswith(SCHEMES):
        raise StoreRejected("a ClickHouse address begins with clickhouse:// or clickhouses://")
    try:
        host, options = parse_url(address)
    except (ValueError, AttributeError):
        raise StoreRejected(f"not a ClickHouse address; {PERCENT}") from None
    if not host:
        raise StoreRejected("the ClickHouse address names no host")
    if "@" in options.get("database", ""):
        raise StoreRejected(f"the ClickHouse address has two @; {PERCENT}")
    _check_tls(options)
    settings = {**options.pop("settings", {}), "server_side_params": True}
    return host, {**DEFAULTS, **options, "settings": settings}


def database_of(address: str) -> str:
    """The database that an address names. Raises as `parse_address` does, or if there is none."""
    _, options = parse_address(address)
    if not options.get("database"):
        raise StoreRejected("the ClickHouse address names no database: end it with /groundswell")
    return str(options["database"])


def with_database(address: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(address)._replace(path=f"/{database}"))


def _check_tls(options: dict[str, Any]) -> None:
    given = [name for name in FILES if name in options]
    if given and not options.get("secure"):
        raise StoreRejected(
            f"{given[0]} is of TLS: begin the ClickHouse address with clickhouses://"
        )
    for name in given:
        if not Path(options[name]).is_file():
            raise StoreRejected(f"{name} of the ClickHouse address: no file {options[name]}")
    if "keyfile" in given and "certfile" not in given:
        raise StoreRejected("keyfile of the ClickHouse address is without its certfile")
