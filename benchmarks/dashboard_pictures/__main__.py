"""Draw each dashboard as Grafana would lay it out: `make pictures-dashboards`, writes docs/grafana.

Not Grafana: places, titles, units, colours and thresholds are read from the JSON and drawn in
Chromium, lines and bars by uPlot. The database is one of two weeks of simulated posts. Panels of
Prometheus have nothing to draw here, and say so.
"""

import argparse
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

from benchmarks.dashboards import length_of
from infra.grafana.build import dashboards
from infra.migrate import migrate
from infra.store import Store
from infra.store_chdb import ChdbStore
from processors.simulate_plan import SIMULATED_BRANDS, Crisis, DayPlan, Hype, Outage, Storm
from tests.grafana_data import fill
from tests.grafana_sql import Span, expanded, step_of

CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
VENDOR: Final = ROOT / "infra/page/static/vendor/uplot"
START: Final = datetime(2026, 3, 1, tzinfo=UTC)
DAYS: Final = 14
END: Final = START + timedelta(days=DAYS, hours=20, minutes=50)
FORESEEN: Final = timedelta(days=5)
CLOSELY: Final = timedelta(hours=7)
WIDTH: Final = 1440
SPANS: Final = {"forecast-accuracy": FORESEEN}
"""Shorter than the dashboard's own time where there is no more."""
Json = dict[str, Any]


def main() -> None:
    """Fill, ask, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, help="kept here and used again")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/grafana")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="groundswell-pictures-") as folder:
        place = options.database or Path(folder) / "database"
        store = ChdbStore(place)
        migrate(store)
        if not store.query("SELECT 1 FROM posts LIMIT 1"):
            fill(store, plan(), seed=7, foreseen=FORESEEN, closely=CLOSELY)
        drawings = {name: drawing(store, name, made) for name, made in dashboards().items()}
        store.close()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, found in drawings.items():
            picture(browser, found, options.out / f"{name}.png")
            print(options.out / f"{name}.png")
        browser.close()


def plan() -> DayPlan:
    """Two weeks of five brands, with what a PR team and an operator meet in them."""

    def at(day: int, hour: float) -> datetime:
        return START + timedelta(days=day, hours=hour)

    north, contoso, fabrikam, litware, beifeng = (brand.name for brand in SIMULATED_BRANDS)
    return DayPlan(
        start=START,
        end=END,
        brands=SIMULATED_BRANDS,
        events=(
            Crisis(brand=litware, start=at(9, 9), end=at(9, 11.5), posts=220),
            Crisis(brand=fabrikam, start=at(11, 14), end=at(11, 17), posts=320),
            Outage(start=at(12, 3), end=at(12, 4), drain=timedelta(minutes=3)),
            Crisis(brand=beifeng, start=at(13, 6), end=at(13, 9), posts=260),
            Hype(brand=contoso, start=at(DAYS, 11), end=at(DAYS, 12.5), factor=3.0),
            Storm(brand=fabrikam, start=at(DAYS, 17), end=at(DAYS, 17.7), copies=300),
            Crisis(brand=north, start=at(DAYS, 19.4), end=at(DAYS, 21.5), posts=420),
        ),
    )


def drawing(store: Store, name: str, made: Json) -> Json:
    """The dashboard, its time and variables, and of each panel what the database answers."""
    length = SPANS.get(name, length_of(made["time"]["from"]))
    span = Span(END - length, END, variables(made))
    answers = {}
    for panel in made["panels"]:
        asked = [target["rawSql"] for target in panel.get("targets", []) if "rawSql" in target]
        if asked:
            answers[panel["id"]] = frame(store, expanded(asked[0], span, step=step_of(panel, span)))
    marks = [
        frame(store, expanded(mark["target"]["rawSql"], span))
        for mark in made["annotations"]["list"]
        if "rawSql" in mark.get("target", {})
    ]
    return {
        "dashboard": made,
        "from": span.since.timestamp(),
        "to": span.until.timestamp(),
        "variables": dict(span.variables),
        "answers": answers,
        "marks": marks[0] if marks else None,
    }


def variables(made: Json) -> dict[str, str | list[str]]:
    """The brand in trouble where one is chosen, else all; of other choices the first."""
    found: dict[str, str | list[str]] = {}
    for variable in made["templating"]["list"]:
        if variable["name"] == "brand":
            everyone = [brand.name for brand in SIMULATED_BRANDS]
            found["brand"] = everyone if variable["multi"] else everyone[0]
        else:
            found[variable["name"]] = variable["current"]["value"]
    return found


def frame(store: Store, sql: str) -> Json:
    """An answer by columns: name, type, values; times are seconds."""
    columns = store.query(f"DESCRIBE TABLE ({sql}\n)")
    rows = store.query(sql)
    return {
        "columns": [
            {"name": name, "type": kind, "values": [plain(row[at]) for row in rows]}
            for at, (name, kind, *_) in enumerate(columns)
        ]
    }


def plain(value: object) -> object:
    """As JSON has it."""
    return value.timestamp() if isinstance(value, datetime) else value


def picture(browser: Browser, found: Json, path: Path) -> None:
    """Draw it whole."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 900}, timezone_id="UTC")
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    styles = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (VENDOR / "uPlot.min.css", HERE / "picture.css")
    )
    page.set_content(f"<!doctype html><style>{styles}</style><main></main>")
    page.add_script_tag(path=VENDOR / "uPlot.iife.min.js")
    page.add_script_tag(path=HERE / "picture.js")
    page.evaluate("found => draw(found)", json.loads(json.dumps(found)))
    if failed:
        raise SystemExit(f"{path.name}: {failed}")
    page.screenshot(path=path, full_page=True)
    page.close()


if __name__ == "__main__":
    main()
