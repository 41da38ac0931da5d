"""Incidents: what is open, how fast people heard of it and acted, who was not told and why."""

from infra.grafana import board, look
from infra.grafana.brand_watch import UID as BRAND
from infra.grafana.look import Json, column, line, linked, steps, tinted, wrapped
from infra.grafana.panels import TIME_SERIES, Panel, asked, over_time, ranked, table, tiles

UID = "groundswell-incidents"
SEVERITIES = [("any", "1"), ("4 or more", "4"), ("7 or more", "7"), ("9 or more", "9")]


def incidents() -> Json:
    """Incidents of one brand or of many."""
    return board.dashboard(
        UID,
        "Incidents",
        "What is open now, what was, how soon people heard of it, and who was not told and why.",
        variables=[
            board.database(),
            board.brands(several=True),
            board.choice("severity", "Severity", SEVERITIES, first="1"),
            board.page_address(),
        ],
        since="now-7d",
        rows=[
            [_now()],
            [_list()],
            [_opened(), _by_brand()],
            "Telling people",
            [_soon(), _untold()],
            [_receivers()],
        ],
    )


def _now() -> Panel:
    return tiles(
        "Incidents in this time",
        "Open ones whenever they began; the rest of those that opened in this time. Times are "
        "medians from the opening. Right: of those that people judged, the ones they call a "
        "crisis.",
        size=(24, 4),
        query="incidents/tiles",
        unit=look.COUNT,
        columns=[
            column("Open now", thresholds=steps(look.POSITIVE, (1, look.NEGATIVE))),
            column("Worst open", unit=look.NUMBER,
                   thresholds=steps(look.PLAIN, (4, look.WARNING), (7, look.NEGATIVE))),
            column("Until acknowledged", unit=look.SECONDS, decimals=0),
            column("Until over", unit=look.SECONDS, decimals=0),
            column("Right, of those judged", unit=look.SHARE, decimals=0),
        ],
    )  # fmt: skip


def _list() -> Panel:
    return table(
        "Incidents",
        "Open at any moment of this time, open ones first, of these the worst. What happened is "
        "the sentence that receivers were sent. A brand leads to its watch, an id to the live "
        "page.",
        size=(24, 11),
        query="incidents/list",
        unit=look.TEXT,
        none="none in this time",
        columns=[
            tinted("Severity", look.SEVERITY, unit=look.NUMBER, custom_width=80),
            column("State", custom_width=65),
            linked("Brand", "Watch this brand",
                   f"/d/{BRAND}?${{__url_time_range}}&var-brand=${{__value.text:percentencode}}",
                   custom_width=120),
            wrapped("What happened"),
            column("Since", unit=look.TIME, custom_width=105),
            column("Lasted", unit=look.SECONDS, decimals=1, custom_width=95),
            column("Acknowledged by", custom_width=130),
            column("People say", custom_width=100),
            linked("Incident", "Open on the live page", look.INCIDENT,
                   custom_width=160),
        ],
    )  # fmt: skip


def _opened() -> Panel:
    return over_time(
        "Incidents as they opened",
        "By what they are, at the severity they opened with.",
        size=(16, 8),
        targets=[asked("incidents/opened", TIME_SERIES)],
        unit=look.COUNT,
        stacked=True,
        least="1h",
        label="kind",
        columns=[
            line("negative surge", look.NEGATIVE),
            line("mood shift", look.WARNING),
            line("volume surge", look.EXPECTED),
            line("silence", look.NEUTRAL),
        ],
    )


def _by_brand() -> Panel:
    return ranked(
        "Incidents by brand",
        "How many opened in this time, at the severity they opened with.",
        size=(8, 8),
        query="incidents/by_brand",
        unit=look.COUNT,
        colour=look.NEGATIVE,
        none="none in this time",
    )


def _soon() -> Panel:
    return over_time(
        "From the decision to the first receiver",
        "Seconds from the moment a change of an incident was decided to the first receiver that "
        "took it. Waiting that a route asks for is in it.",
        size=(14, 8),
        targets=[asked("incidents/soon", TIME_SERIES)],
        unit=look.SECONDS,
        least="1h",
        columns=[
            line("Half of them", look.EXPECTED, custom_showPoints="always"),
            line("The slowest", look.WARNING, custom_showPoints="always"),
        ],
    )


def _untold() -> Panel:
    return ranked(
        "Why somebody was not told",
        "Decisions not to tell a receiver, or not yet, by reason; of all brands.",
        size=(10, 8),
        query="incidents/untold",
        unit=look.COUNT,
        colour=look.NEUTRAL,
        none="everybody was told",
    )


def _receivers() -> Panel:
    return table(
        "Receivers",
        "Attempts in this time, of all brands. What was given up is told again when a person asks "
        "for it.",
        size=(24, 7),
        query="incidents/receivers",
        unit=look.TEXT,
        none="nothing was sent in this time",
        columns=[
            column("Delivered", unit=look.COUNT, custom_width=110),
            tinted("Failed, tried again", steps("transparent", (1, look.WARNING)), unit=look.COUNT,
                   custom_width=150),
            tinted("Given up", steps("transparent", (1, look.NEGATIVE)), unit=look.COUNT,
                   custom_width=110),
            column("95 % took at most", unit=look.MILLISECONDS, custom_width=150),
            column("Last delivered", unit=look.TIME, custom_width=130),
        ],
    )  # fmt: skip
