"""How values look: colours that mean the same everywhere, units, and what is set by column."""

from typing import Any, Final

Json = dict[str, Any]

NEGATIVE: Final = "#e0592a"
NEUTRAL: Final = "#9a938c"
POSITIVE: Final = "#2a9d8f"
EXPECTED: Final = "#5b8dd6"
WARNING: Final = "#e3a008"
OTHER: Final = "#9b6ddb"
PLAIN: Final = "text"

COUNT: Final = "short"
SHARE: Final = "percentunit"
POINTS: Final = "suffix: pts"
SECONDS: Final = "s"
MILLISECONDS: Final = "ms"
TEXT: Final = "string"
NUMBER: Final = "none"
TIME: Final = "time:MM-DD HH:mm"


def fixed(colour: str) -> Json:
    """Always this colour."""
    return {"fixedColor": colour, "mode": "fixed"}


def steps(base: str, *above: tuple[float, str]) -> Json:
    """A colour, and the colours from some values on."""
    levels: list[Json] = [{"color": base, "value": None}]
    levels += [{"color": colour, "value": value} for value, colour in above]
    return {"mode": "absolute", "steps": levels}


INCIDENT: Final = "${page}/incidents/${__value.raw}"
"""Where the page tells of an incident, by the id in a cell."""
NAMED: Final = [
    {"options": {"pattern": "^http.*", "result": {"index": 0, "text": "open"}}, "type": "regex"}
]
"""A web address is shown as a word."""
SEVERITY: Final = steps(NEUTRAL, (4, WARNING), (7, NEGATIVE))


def column(name: str, **set_to: Any) -> Json:
    """What is set for one column; `custom_NAME` is the panel's own `custom.NAME`."""
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [
            {"id": key.replace("custom_", "custom."), "value": value}
            for key, value in set_to.items()
        ],
    }


def line(name: str, colour: str, **more: Any) -> Json:
    """A series of this colour."""
    return column(name, color=fixed(colour), **more)


def band(lower: str, upper: str, colour: str) -> list[Json]:
    """The area between two series, without lines of its own."""
    hidden = {
        "custom_lineWidth": 0,
        "custom_showPoints": "never",
        "custom_hideFrom": {"legend": True, "tooltip": False, "viz": False},
    }
    return [
        line(lower, colour, **hidden, custom_fillOpacity=0),
        line(upper, colour, **hidden, custom_fillBelowTo=lower, custom_fillOpacity=14),
    ]


def tinted(name: str, thresholds: Json, **more: Any) -> Json:
    """A column whose cells take the colour of their value."""
    return column(
        name,
        thresholds=thresholds,
        color={"mode": "thresholds"},
        custom_cellOptions={"mode": "basic", "type": "color-background"},
        **more,
    )


def wrapped(name: str, **more: Any) -> Json:
    """A column of long texts, on as many lines as they need."""
    return column(name, custom_cellOptions={"type": "auto", "wrapText": True}, **more)


def linked(name: str, title: str, url: str, **more: Any) -> Json:
    """A column whose cells lead somewhere."""
    return column(name, links=[{"title": title, "url": url, "targetBlank": True}], **more)
