"""Two shards of two replicas: four of Debian's clickhouse-server and its ZooKeeper, as children.

Servers of 2018, so with reduced tables; but replicas, quorums, ON CLUSTER and the network are real.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.waiting import listens, wait_until
from tests.wire.old_server import BINARY, USERS, OldServer, free_ports

JARS = Path("/usr/share/java")
IS_INSTALLED = bool(BINARY and shutil.which("java") and (JARS / "zookeeper.jar").exists())
NAME = "two"
PLACES = (("1", "a"), ("1", "b"), ("2", "a"), ("2", "b"))
"""Shard and replica of each server."""
KEEPER = """tickTime=2000
dataDir={folder}/data
clientPort={port}
clientPortAddress=127.0.0.1
admin.enableServer=false
"""
CONFIG = """<interserver_http_host>127.0.0.1</interserver_http_host>
<zookeeper><node><host>127.0.0.1</host><port>{keeper}</port></node>
<session_timeout_ms>10000</session_timeout_ms></zookeeper>
<distributed_ddl><path>/clickhouse/ddl</path></distributed_ddl>
<macros><shard>{shard}</shard><replica>{replica}</replica></macros>
<remote_servers><{name}>{shards}</{name}></remote_servers>"""
DEFAULT = """<default><password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users>"""
"""Who a replica of 2018 is when it asks the leader of its shard to change a table."""
SHARD = "<shard><internal_replication>true</internal_replication>{replicas}</shard>"
REPLICA = """<replica><host>127.0.0.1</host><port>{port}</port>
<user>ann</user><password>pass word/1</password></replica>"""


@contextmanager
def old_cluster(folder: Path) -> Iterator[list[OldServer]]:
    """Its servers, as PLACES has them, up and running."""
    keeper = free_ports(1)[0]
    servers = [OldServer(made) for made in _folders(folder)]
    shards = "".join(
        SHARD.format(
            replicas="".join(
                REPLICA.format(port=server.port)
                for server, place in zip(servers, PLACES, strict=True)
                if place[0] == shard
            )
        )
        for shard in dict.fromkeys(shard for shard, _ in PLACES)
    )
    for server, (shard, replica) in zip(servers, PLACES, strict=True):
        names = {"keeper": keeper, "name": NAME, "shards": shards}
        server.configure(CONFIG.format(shard=shard, replica=replica, **names))
        (server.folder / "users.xml").write_text(USERS.replace("</users>", DEFAULT))
    with ExitStack() as running:
        running.callback(_end, _start_keeper(folder / "keeper", keeper))
        for server in servers:
            running.enter_context(server)
        yield servers


def _start_keeper(folder: Path, port: int) -> subprocess.Popen[bytes]:
    folder.mkdir()
    settings = folder / "zoo.cfg"
    settings.write_text(KEEPER.format(folder=folder, port=port))
    jars = ":".join(map(str, sorted(JARS.glob("*.jar"))))
    java = ["java", "-Xmx128m", "-XX:+UseSerialGC", "-cp", jars]
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            [*java, "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(settings)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    wait_until(lambda: listens(port), what="ZooKeeper")
    return process


def _folders(folder: Path) -> list[Path]:
    made = [folder / f"{shard}{replica}" for shard, replica in PLACES]
    for one in made:
        one.mkdir()
    return made


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
