"""How long each query of the dashboards takes over two million posts: `make bench-dashboards`.

In this process's chDB, so without Grafana and without a network. Not a part of CI. What is judged
is the CPU time of all threads of a query: an idle machine makes nobody wait longer.
"""

import argparse
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from benchmarks.machine import folder_mb
from infra.grafana.build import dashboards
from infra.hours import HourCounter
from infra.migrate import migrate, parse_migration
from infra.store_chdb import ChdbStore
from infra.times import to_ms
from tests.grafana_sql import Span, expanded, step_of

POSTS: Final = 2_000_000
FILLED: Final = 100_000
NOW: Final = datetime(2026, 6, 28, 12, 25, 40, tzinfo=UTC)
ROUNDS: Final = 5
WANTED_MS: Final = 200.0
LONG: Final = timedelta(days=30)
HERE: Final = Path(__file__).parent
Json = dict[str, Any]


def main() -> None:
    """Fill, ask, print; the slowest last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=POSTS)
    parser.add_argument("--merge", action="store_true", help="OPTIMIZE first, as after quiet hours")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="groundswell-bench-") as folder:
        store = ChdbStore(Path(folder))
        migrate(store)
        _fill(store, options.posts)
        if options.merge:
            store.command("OPTIMIZE TABLE posts FINAL")
        parts = store.query("SELECT count() FROM system.parts WHERE table = 'posts' AND active")
        print(f"{options.posts:,} posts, {parts[0][0]} parts, {folder_mb(store.folder):.0f} MB")
        print("CPU (wall) at the dashboard's own time | over 30 days")
        slow = [0, 0]
        for name, made in dashboards().items():
            for title, usual, long in _asked(store, made):
                slow[0] += usual.cpu > WANTED_MS
                slow[1] += long.cpu > WANTED_MS
                mark = " <-" if max(usual.cpu, long.cpu) > WANTED_MS else ""
                print(f"{name:18} {title:52.52} {usual} | {long}{mark}")
        print(
            f"over {WANTED_MS:.0f} ms of CPU: {slow[0]} at their own time, {slow[1]} over 30 days"
        )
        store.close()


def _fill(store: ChdbStore, posts: int) -> None:
    for first in range(0, posts, FILLED):
        count = min(FILLED, posts - first)
        asked = {"first": first, "count": count, "now": to_ms(NOW)}
        store.command((HERE / "fill_scored.sql").read_text(), asked)
    rest = parse_migration("1_fill.sql", (HERE / "fill_dashboards.sql").read_text())
    for statement in rest.statements:
        store.command(statement, {"now": to_ms(NOW)})
    counter = HourCounter(store)
    while counter.step():  # as watch has done long before there are so many
        pass


class Taken(NamedTuple):
    """Milliseconds, medians."""

    cpu: float
    wall: float

    def __str__(self) -> str:
        return f"{self.cpu:6.0f} ({self.wall:5.0f}) ms"


def _asked(store: ChdbStore, made: Json) -> Iterator[tuple[str, Taken, Taken]]:
    """Of each query what it takes at the dashboard's own time, and at 30 days."""
    own = length_of(made["time"]["from"])
    for title, panel, sql in queries(made):
        spans = [Span(NOW - length, NOW, variables_of(made)) for length in (own, LONG)]
        usual, long = (
            _median(store, expanded(sql, span, step=step_of(panel, span))) for span in spans
        )
        yield title, usual, long


def queries(made: Json) -> Iterator[tuple[str, Json, str]]:
    """Title, panel and SQL of all that is asked of the database."""
    for variable in made["templating"]["list"]:
        if variable["type"] == "query":
            yield f"(variable) {variable['name']}", {}, variable["query"]["rawSql"]
    for mark in made["annotations"]["list"]:
        if "rawSql" in mark.get("target", {}):
            yield f"(marks) {mark['name']}", {}, mark["target"]["rawSql"]
    for panel in made["panels"]:
        for target in panel.get("targets", []):
            if "rawSql" in target:
                yield panel["title"], panel, target["rawSql"]


def variables_of(made: Json) -> dict[str, str | list[str]]:
    """One brand where one is chosen, else all; the first of other choices."""
    found: dict[str, str | list[str]] = {}
    for variable in made["templating"]["list"]:
        if variable["name"] == "brand":
            everyone = [f"brand {number}" for number in range(20)]
            found["brand"] = everyone if variable["multi"] else "brand 7"
        else:
            found[variable["name"]] = variable["current"]["value"]
    return found


def length_of(since: str) -> timedelta:
    """Of the time that a dashboard begins with, such as now-24h."""
    found = re.fullmatch(r"now-(\d+)([hd])", since)
    assert found, since
    return timedelta(**{{"h": "hours", "d": "days"}[found[2]]: int(found[1])})


def _median(store: ChdbStore, sql: str) -> Taken:
    cpu, wall = [], []
    for _ in range(ROUNDS):
        began, used = time.perf_counter(), time.process_time()
        store.query(sql)
        wall.append(1_000 * (time.perf_counter() - began))
        cpu.append(1_000 * (time.process_time() - used))
    return Taken(median(cpu), median(wall))


if __name__ == "__main__":
    main()
