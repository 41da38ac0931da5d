"""Panels: what is asked, and how the answer is drawn. Each is a dict as Grafana stores it."""

from functools import cache
from importlib import resources
from typing import Any, Final

from msgspec import Struct

from infra.grafana.look import Json
from infra.grafana.names import DATABASE, METRICS

TIME_SERIES: Final = 0
TABLE: Final = 1
"""What the plugin makes of the rows."""


class Panel(Struct, frozen=True, kw_only=True):
    """A panel before it has a place; `width` is of 24 columns, `height` in Grafana's rows."""

    width: int
    height: int
    body: Json


@cache
def load(name: str) -> str:
    """Text of `infra/grafana/queries/<name>.sql`. A wrong name is a `FileNotFoundError`."""
    path = resources.files("infra.grafana").joinpath("queries", f"{name}.sql")
    return path.read_text(encoding="utf-8").strip()


def asked(name: str, form: int) -> Json:
    """A query of the database."""
    return {
        "datasource": DATABASE,
        "editorType": "sql",
        "format": form,
        "pluginVersion": "",
        "queryType": "table" if form == TABLE else "timeseries",
        "rawSql": load(name),
        "refId": "A",
    }


def measured(*expressions: tuple[str, str]) -> list[Json]:
    """Queries of metrics: (PromQL, the word for it in the legend)."""
    return [
        {
            "datasource": METRICS,
            "editorMode": "code",
            "expr": expression,
            "legendFormat": legend,
            "range": True,
            "refId": chr(ord("A") + number),
        }
        for number, (expression, legend) in enumerate(expressions)
    ]


def panel(
    kind: str,
    title: str,
    description: str,
    *,
    size: tuple[int, int],
    targets: list[Json],
    unit: str,
    defaults: Json | None = None,
    custom: Json | None = None,
    columns: list[Json] | None = None,
    options: Json,
    more: Json | None = None,
) -> Panel:
    """Any panel. `defaults` and `custom` hold for all columns, `columns` for some."""
    body: Json = {
        "datasource": targets[0]["datasource"],
        "description": description,
        "fieldConfig": {
            "defaults": {"unit": unit, **(defaults or {}), "custom": custom or {}},
            "overrides": columns or [],
        },
        "options": options,
        "pluginVersion": "",
        "targets": targets,
        "title": title,
        "type": kind,
        **(more or {}),
    }
    return Panel(width=size[0], height=size[1], body=body)


def over_time(
    title: str,
    description: str,
    *,
    size: tuple[int, int],
    targets: list[Json],
    unit: str,
    stacked: bool = False,
    least: str = "5m",
    label: str = "",
    defaults: Json | None = None,
    columns: list[Json] | None = None,
) -> Panel:
    """Series over time: lines, or bars on each other. `least` is the shortest step asked for.

    `label`: the column that names the series; the number beside it is called Value, a name that
    Grafana leaves out, so that what is set for a series finds it by its label alone.
    """
    named = {"displayName": f"${{__field.labels.{label}}}"} if label else {}
    drawn: Json = {
        "drawStyle": "bars" if stacked else "line",
        "fillOpacity": 80 if stacked else 0,
        "lineWidth": 0 if stacked else 2,
        "showPoints": "never" if stacked else "auto",
        "spanNulls": False,
        "stacking": {"group": "A", "mode": "normal" if stacked else "none"},
    }
    return panel(
        "timeseries",
        title,
        description,
        size=size,
        targets=targets,
        unit=unit,
        defaults={"color": {"mode": "palette-classic"}, "min": 0, **named, **(defaults or {})},
        custom=drawn,
        columns=columns,
        options={
            "legend": {
                "calcs": [],
                "displayMode": "list",
                "placement": "bottom",
                "showLegend": True,
            },
            "tooltip": {"mode": "multi", "sort": "none"},
        },
        more={"interval": least, "maxDataPoints": 400},
    )


def tiles(
    title: str,
    description: str,
    *,
    size: tuple[int, int],
    query: str,
    columns: list[Json],
    unit: str,
) -> Panel:
    """One row of figures, each with its name."""
    return panel(
        "stat",
        title,
        description,
        size=size,
        targets=[asked(query, TABLE)],
        unit=unit,
        defaults={"color": {"mode": "thresholds"}, "noValue": "–", "thresholds": _PLAIN},
        columns=columns,
        options={
            "colorMode": "value",
            "graphMode": "none",
            "justifyMode": "center",
            "orientation": "vertical",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "textMode": "value_and_name",
            "wideLayout": False,
        },
    )


def table(
    title: str,
    description: str,
    *,
    size: tuple[int, int],
    query: str,
    columns: list[Json],
    unit: str,
    none: str = "nothing in this time",
) -> Panel:
    """Rows as they come. `none` is said where there are none."""
    return panel(
        "table",
        title,
        description,
        size=size,
        targets=[asked(query, TABLE)],
        unit=unit,
        defaults={"color": {"mode": "thresholds"}, "noValue": none, "thresholds": _PLAIN},
        custom={"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False},
        columns=columns,
        options={"cellHeight": "sm", "showHeader": True},
    )


def ranked(
    title: str,
    description: str,
    *,
    size: tuple[int, int],
    query: str,
    unit: str,
    colour: str,
    none: str = "nothing in this time",
    defaults: Json | None = None,
) -> Panel:
    """Bars of one number a name, the largest first."""
    return panel(
        "bargauge",
        title,
        description,
        size=size,
        targets=[asked(query, TABLE)],
        unit=unit,
        defaults={
            "color": {"fixedColor": colour, "mode": "fixed"},
            "min": 0,
            "noValue": none,
            **(defaults or {}),
        },
        options={
            "displayMode": "basic",
            "minVizHeight": 16,
            "namePlacement": "left",
            "orientation": "horizontal",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": True},
            "showUnfilled": True,
            "sizing": "auto",
            "valueMode": "text",
        },
    )


def grouped(
    title: str,
    description: str,
    *,
    size: tuple[int, int],
    query: str,
    unit: str,
    names: str,
    columns: list[Json],
    defaults: Json | None = None,
) -> Panel:
    """Bars beside each other, a group for each name in the column `names`."""
    return panel(
        "barchart",
        title,
        description,
        size=size,
        targets=[asked(query, TABLE)],
        unit=unit,
        defaults={"color": {"mode": "palette-classic"}, "min": 0, **(defaults or {})},
        custom={"fillOpacity": 80, "lineWidth": 0},
        columns=columns,
        options={
            "barWidth": 0.9,
            "groupWidth": 0.7,
            "legend": {
                "calcs": [],
                "displayMode": "list",
                "placement": "bottom",
                "showLegend": True,
            },
            "orientation": "vertical",
            "showValue": "auto",
            "stacking": "none",
            "tooltip": {"mode": "multi", "sort": "none"},
            "xField": names,
        },
    )


_PLAIN: Final[dict[str, Any]] = {"mode": "absolute", "steps": [{"color": "text", "value": None}]}
