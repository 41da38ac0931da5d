"""Debian's clickhouse-server, of 2018, as a child with a folder of its own. Loopback only.

It speaks the native protocol that every later one speaks, and does not know our tables: no
DateTime64, no codecs, no parameters. Connections are real here, and so is losing them.
"""

import shutil
import socket
import subprocess
from pathlib import Path
from types import TracebackType

from clickhouse_driver import Client

from tests.waiting import wait_until

BINARY = shutil.which("clickhouse-server")
CONFIG = """<yandex>
<logger><level>warning</level><log>{folder}/log</log><errorlog>{folder}/errors</errorlog></logger>
<listen_host>127.0.0.1</listen_host>
<http_port>{http}</http_port><tcp_port>{port}</tcp_port><tcp_port_secure>{secure}</tcp_port_secure>
<interserver_http_port>{interserver}</interserver_http_port>
<openSSL><server><certificateFile>{folder}/server.pem</certificateFile>
<privateKeyFile>{folder}/server.key</privateKeyFile><caConfig>{folder}/ca.pem</caConfig>
<verificationMode>strict</verificationMode><loadDefaultCAFile>false</loadDefaultCAFile>
<disableProtocols>sslv2,sslv3</disableProtocols></server></openSSL>
<max_connections>64</max_connections><mark_cache_size>8388608</mark_cache_size>
<path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path>
<user_files_path>{folder}/files/</user_files_path>
<users_config>users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<timezone>UTC</timezone><mlock_executable>false</mlock_executable>
{more}
</yandex>"""
USERS = """<yandex><profiles><default><max_threads>2</max_threads></default></profiles>
<users><ann><password>pass word/1</password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></ann></users>
<quotas><default></default></quotas></yandex>"""


class OldServer:
    """The server: `start`, `kill -9`, `start` again on the same folder and ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ports = free_ports(4)
        self.port, self.secure_port = ports[0], ports[1]
        self._ports = dict(zip(("port", "secure", "http", "interserver"), ports, strict=True))
        self.configure("")
        (folder / "users.xml").write_text(USERS)
        make_certificates(folder)
        self._process: subprocess.Popen[bytes] | None = None

    def configure(self, more: str) -> None:
        """Add to its configuration, before it starts."""
        text = CONFIG.format(folder=self.folder, more=more, **self._ports)
        (self.folder / "config.xml").write_text(text)

    def start(self) -> None:
        """Returns when it answers."""
        assert BINARY
        with (self.folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [BINARY, f"--config-file={self.folder}/config.xml"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.folder,
            )
        wait_until(self._answers)

    def kill(self) -> None:
        """As a power cut of the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def address(self, more: str = "", *, secure: bool = False) -> str:
        """Of user ann; `more` comes behind the question mark."""
        scheme, port = ("clickhouses", self.secure_port) if secure else ("clickhouse", self.port)
        return f"{scheme}://ann:pass%20word%2F1@127.0.0.1:{port}/default?{more}"

    def _answers(self) -> bool:
        client = Client("127.0.0.1", self.port, user="ann", password="pass word/1")
        try:
            return bool(client.execute("SELECT 1") == [(1,)])
        except Exception:  # noqa: BLE001 - not yet; the driver has many ways to say so
            assert self._process is not None
            assert self._process.poll() is None, (self.folder / "errors").read_text()[-2000:]
            return False
        finally:
            client.disconnect()

    def __enter__(self) -> "OldServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()


def make_certificates(folder: Path) -> None:
    """An authority (ca), and certificates of the server and of a client that it signed."""
    key = "-newkey rsa:2048 -nodes"
    _openssl(folder, f"req -x509 {key} -days 2 -subj /CN=ca -keyout ca.key -out ca.pem")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    signed = "-CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names"
    for name in ("server", "client"):
        _openssl(folder, f"req -new {key} -subj /CN={name} -keyout {name}.key -out {name}.csr")
        _openssl(folder, f"x509 -req -in {name}.csr {signed} -out {name}.pem")


def _openssl(folder: Path, words: str) -> None:
    subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody has."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()
