"""When starting a worker again is no help any more."""

import stat
from pathlib import Path

import pytest
import yaml

from infra.config_watch import EVERY, FOLLOWED, ConfigWatch, following
from infra.settings import Settings
from streams.child import Child
from streams.failures import LineFailed
from streams.supervise import MOST_CRASHES, MOST_FAILURES, WORKERS, Supervisor, metrics_port
from streams.worker import Heartbeat


def line_of(child: Child, folder: Path) -> Supervisor:
    """A line of this worker alone, on brokers of somebody else."""
    line = Supervisor(Settings(kafka="127.0.0.1:1"), folder)
    line.children = [child]
    (folder / f"{child.name}.log").write_text("its last word\n")
    return line


@pytest.mark.parametrize(
    ("failures", "stillborn"), [(MOST_CRASHES, 0), (MOST_FAILURES, MOST_FAILURES)]
)
def test_a_hopeless_worker_ends_the_line(failures: int, stillborn: int, tmp_path: Path) -> None:
    child = Child("score", ["score"])
    child.failures, child.stillborn = failures, stillborn
    with pytest.raises(LineFailed, match="score fails again and again: its last word"):
        line_of(child, tmp_path).poll()


def test_each_worker_serves_its_metrics_at_a_port_of_its_own() -> None:
    settings = Settings(metrics_port=9400)
    ports = {name: metrics_port(name, settings) for name in WORKERS}
    assert ports == {"keep": 9400, "refine": 9401, "score": 9402, "feed": 9403, "feeds": 9404}
    assert {metrics_port(name, Settings()) for name in WORKERS} == {0}


def test_who_could_start_gets_all_its_crashes_also_while_it_starts_again(tmp_path: Path) -> None:
    child = Child("score", ["score"])
    child.failures, child.stillborn = MOST_CRASHES - 1, MOST_FAILURES - 1
    assert not child.could_start
    line_of(child, tmp_path).poll()
    assert child.restarts == 1


def test_who_is_started_again_gets_what_changed_in_the_users_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "groundswell.yaml"
    file.write_text("page_url: https://one.example.com\n")
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(file))
    settings = following(Settings(kafka="127.0.0.1:1"))
    now = [0.0]
    line = Supervisor(settings, tmp_path, clock=lambda: now[0])
    line.children = []
    file.write_text("page_url: https://two.example.com\npartitions: 7\n")
    for _ in range(3):
        now[0] += EVERY
        line.poll()
    written = yaml.safe_load((tmp_path / "line.yaml").read_text())
    assert (written["page_url"], written["partitions"]) == ("https://two.example.com", 1)
    assert stat.S_IMODE((tmp_path / "line.yaml").stat().st_mode) == 0o600
    file.write_text("page_url: [\n")
    for _ in range(3):
        now[0] += EVERY
        line.poll()
    assert line.settings.page_url == "https://two.example.com"


def test_workers_find_nothing_new_in_the_file_that_the_line_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each of them would begin anew what it has just begun."""
    file = tmp_path / "groundswell.yaml"
    who = "page: {tokens: [{name: robot, hash: %s}]}\n"
    file.write_text("brands: [{name: Acme}]\n" + who % ("ab" * 32))
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(file))
    now = [0.0]
    line = Supervisor(following(Settings(kafka="127.0.0.1:1")), tmp_path, clock=lambda: now[0])
    line._write_config()
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(tmp_path / "line.yaml"))
    worker = ConfigWatch(Settings(), clock=lambda: now[0])
    page = ConfigWatch(line.settings, stage="page", names=FOLLOWED, clock=lambda: now[0])

    def looks(watch: ConfigWatch) -> list[Settings]:
        found = []
        for _ in range(3):
            now[0] += EVERY
            found.append(watch.changed())
        return [news for news in found if news is not None]

    assert looks(worker) == looks(page) == []
    file.write_text("brands: [{name: Acme}]\n" + who % ("cd" * 32))
    assert looks(worker) == []
    (news,) = looks(page)
    assert news.page is not None
    assert news.page.tokens[0].hash == "cd" * 32


def test_what_platforms_send_never_ends_the_line(tmp_path: Path) -> None:
    child = Child("feeds", ["feeds"])
    child.failures = child.stillborn = MOST_CRASHES + MOST_FAILURES
    child.beat = Heartbeat(ready=False, readings=[], error="it cannot run")
    line = line_of(child, tmp_path)
    line.poll()
    assert line.ready


def test_feeds_run_where_there_are_some(tmp_path: Path) -> None:
    feed = {"name": "bluesky", "type": "jetstream"}
    push = {"port": 1, "tokens": [{"source": "a", "token": "a-token-long-enough"}]}
    for changed, expected in (({}, False), ({"feeds": [feed]}, True), ({"push": push}, True)):
        line = Supervisor(Settings(kafka="127.0.0.1:1", **changed), tmp_path)  # type: ignore[arg-type]
        assert ("feeds" in [child.name for child in line.children]) == expected
