"""A dashboard of panels: their places, its variables, the marks on its charts."""

import zlib
from collections.abc import Sequence
from typing import Final

from infra.grafana.look import NEGATIVE, Json
from infra.grafana.names import (
    CLICKHOUSE,
    CLICKHOUSE_UID,
    DATABASE,
    PROMETHEUS,
    PROMETHEUS_UID,
    TAG,
)
from infra.grafana.panels import TABLE, Panel, asked, load

COLUMNS: Final = 24
SCHEMA: Final = 39
"""Of the JSON: what the plugin's newest dashboards have; Grafana brings it forward itself."""

Row = str | Sequence[Panel]
"""A heading, or panels of one height from left to right."""


def dashboard(
    uid: str,
    title: str,
    description: str,
    *,
    rows: Sequence[Row],
    variables: Sequence[Json],
    since: str = "now-24h",
    marked: bool = False,
) -> Json:
    """The dict that Grafana stores. `marked`: incidents are marks on its charts.

    Raises ValueError for a row that does not fit.
    """
    return {
        "annotations": {"list": [_BUILT_IN, *([_incidents(), _DELIVERED] if marked else [])]},
        "description": description,
        "editable": True,
        "fiscalYearStartMonth": 0,
        "graphTooltip": 1,
        "id": None,
        "links": [_OTHERS],
        "panels": placed(uid, rows),
        "refresh": "1m",
        "schemaVersion": SCHEMA,
        "tags": [TAG],
        "templating": {"list": list(variables)},
        "time": {"from": since, "to": "now"},
        "timepicker": {"refresh_intervals": ["30s", "1m", "5m", "15m"]},
        "timezone": "browser",
        "title": title,
        "uid": uid,
        "weekStart": "",
    }


def placed(uid: str, rows: Sequence[Row]) -> list[Json]:
    """Panels with their place and an id that stays when others come and go."""
    found: list[Json] = []
    y = 0
    for row in rows:
        if isinstance(row, str):
            place = {"h": 1, "w": COLUMNS, "x": 0, "y": y}
            heading = {"collapsed": False, "panels": [], "title": row, "type": "row"}
            found.append({**heading, "gridPos": place, "id": panel_id(uid, f"row {row}")})
            y += 1
            continue
        if sum(panel.width for panel in row) > COLUMNS or len({panel.height for panel in row}) != 1:
            raise ValueError(f"{uid}: a row that does not fit: {row[0].body['title']}")
        x = 0
        for panel in row:
            place = {"h": panel.height, "w": panel.width, "x": x, "y": y}
            name = panel_id(uid, panel.body["title"])
            found.append({**panel.body, "gridPos": place, "id": name})
            x += panel.width
        y += row[0].height
    return found


def panel_id(uid: str, title: str) -> int:
    """The id of the panel of this title, whatever stands beside it."""
    return zlib.crc32(f"{uid}/{title}".encode()) % 1_000_000 + 1


def database() -> Json:
    """Which ClickHouse; ours unless the address says else (`var-datasource`)."""
    return _source("datasource", CLICKHOUSE, "ClickHouse", CLICKHOUSE_UID)


def metrics() -> Json:
    """Which Prometheus."""
    return _source("prometheus", PROMETHEUS, "Prometheus", PROMETHEUS_UID)


def brands(*, several: bool) -> Json:
    """Brands there are: one of them, or several and at first all."""
    query = load("variables/brands")
    return {
        "current": {"text": ["All"], "value": ["$__all"]} if several else {},
        "datasource": DATABASE,
        "definition": query,
        "hide": 0,
        "includeAll": several,
        "label": "Brands" if several else "Brand",
        "multi": several,
        "name": "brand",
        "options": [],
        "query": {"editorType": "sql", "rawSql": query, "refId": "brand"},
        "refresh": 1,
        "regex": "",
        "skipUrlSync": False,
        "sort": 1,
        "type": "query",
    }


def choice(name: str, label: str, values: Sequence[tuple[str, str]], *, first: str) -> Json:
    """One of some values, each with its word."""
    options = [{"selected": v == first, "text": word, "value": v} for word, v in values]
    word = next(word for word, value in values if value == first)
    return {
        "current": {"text": word, "value": first},
        "hide": 0,
        "includeAll": False,
        "label": label,
        "multi": False,
        "name": name,
        "options": options,
        "query": ", ".join(f"{word} : {value}" for word, value in values),
        "skipUrlSync": False,
        "type": "custom",
    }


def page_address() -> Json:
    """Where the live page is, for links to it."""
    address = "http://localhost:8700"
    return {
        "current": {"text": address, "value": address},
        "hide": 0,
        "label": "Address of the live page",
        "name": "page",
        "options": [{"selected": True, "text": address, "value": address}],
        "query": address,
        "skipUrlSync": False,
        "type": "textbox",
    }


def _incidents() -> Json:
    return {
        "datasource": DATABASE,
        "enable": True,
        "hide": False,
        "iconColor": NEGATIVE,
        "name": "Incidents",
        "target": asked("brand/marks", TABLE),
    }


def _source(name: str, kind: str, label: str, uid: str) -> Json:
    return {
        "current": {"text": label, "value": uid},
        "hide": 2,
        "includeAll": False,
        "label": label,
        "multi": False,
        "name": name,
        "options": [],
        "query": kind,
        "refresh": 1,
        "regex": "",
        "skipUrlSync": False,
        "type": "datasource",
    }


_BUILT_IN: Final[Json] = {
    "builtIn": 1,
    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
    "name": "Annotations & Alerts",
    "type": "dashboard",
}
# The same by the way of a receiver of type grafana: off, or each would be there twice.
_DELIVERED: Final[Json] = {
    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    "enable": False,
    "hide": False,
    "iconColor": NEGATIVE,
    "name": "As delivered",
    "target": {"limit": 100, "matchAny": False, "tags": [TAG], "type": "tags"},
}
_OTHERS: Final[Json] = {
    "asDropdown": False,
    "icon": "external link",
    "includeVars": True,
    "keepTime": True,
    "tags": [TAG],
    "targetBlank": False,
    "title": "",
    "tooltip": "",
    "type": "dashboards",
    "url": "",
}
