"""Forecast accuracy: how good what was told before turned out to be."""

from infra.grafana import board, look
from infra.grafana.look import Json, column, line, steps, tinted
from infra.grafana.panels import TIME_SERIES, Panel, asked, grouped, over_time, ranked, table, tiles

UID = "groundswell-forecast"
SERIES = [
    ("negative posts", "negative"),
    ("all posts", "volume"),
    ("negative share", "negative_share"),
]
STEPS = [("hours", "60m"), ("five minutes", "5m")]
MASE = (
    "MASE: the error over that of taking the value of a week before, on the history that was "
    "learnt from. Below 1 is better than that."
)


def forecast_accuracy() -> Json:
    """Forecasts of one series, of one brand or of many."""
    return board.dashboard(
        UID,
        "Forecast accuracy",
        "Was what was expected right: errors beside those of the simplest forecast, and whether "
        "intervals held what they promise.",
        variables=[
            board.database(),
            board.brands(several=True),
            board.choice("series", "Forecast of", SERIES, first="negative"),
            board.choice("step", "By", STEPS, first="60m"),
        ],
        since="now-14d",
        rows=[
            [_now()],
            [_ahead(), _inside()],
            [_errors(), _held()],
            [_brands()],
            [_told_by(), _left_out()],
        ],
    )


def _now() -> Panel:
    return tiles(
        "The next hour, as it was forecast",
        f"Forecasts made within the hour before. {MASE} Error saved: against last week's value "
        "on the same truths.",
        size=(24, 4),
        query="forecast/tiles",
        unit=look.COUNT,
        columns=[
            column("MASE", unit=look.NUMBER, decimals=2,
                   thresholds=steps(look.POSITIVE, (1.0, look.WARNING), (1.3, look.NEGATIVE))),
            column("MASE of last week", unit=look.NUMBER, decimals=2),
            column("Error saved", unit=look.SHARE, decimals=0,
                   thresholds=steps(look.WARNING, (0, look.POSITIVE))),
            column("Inside the 80 % interval", unit=look.SHARE, decimals=0,
                   thresholds=steps(look.WARNING, (0.75, look.POSITIVE), (0.9, look.WARNING))),
            column("Inside the 95 % interval", unit=look.SHARE, decimals=0,
                   thresholds=steps(look.WARNING, (0.92, look.POSITIVE), (0.99, look.WARNING))),
        ],
    )  # fmt: skip


def _ahead() -> Panel:
    return grouped(
        "Error by hours ahead",
        f"{MASE} Told: what people were shown. The model alone: also where last week's value took "
        "its place.",
        size=(12, 8),
        query="forecast/ahead",
        unit=look.NUMBER,
        names="Hours ahead",
        defaults={"decimals": 2},
        columns=[
            line("Told", look.EXPECTED),
            line("The model alone", look.POSITIVE),
            line("Last week", look.NEUTRAL),
        ],
    )


def _inside() -> Panel:
    return grouped(
        "Intervals by hours ahead",
        "Share of truths inside the interval: 80 % and 95 % are what was promised. More is too "
        "wide, less too narrow.",
        size=(12, 8),
        query="forecast/inside",
        unit=look.SHARE,
        names="Hours ahead",
        defaults={"decimals": 0, "max": 1},
        columns=[
            line("In the 80 % interval", look.EXPECTED),
            line("In the 95 % interval", look.POSITIVE),
        ],
    )


def _errors() -> Panel:
    return over_time(
        "Error of the next hour, over time",
        MASE,
        size=(12, 8),
        targets=[asked("forecast/errors", TIME_SERIES)],
        unit=look.NUMBER,
        least="6h",
        defaults={"decimals": 2},
        columns=[line("Told", look.EXPECTED), line("Last week", look.NEUTRAL)],
    )


def _held() -> Panel:
    return over_time(
        "Intervals of the next hour, over time",
        "Share of truths inside the intervals that were told within the hour before.",
        size=(12, 8),
        targets=[asked("forecast/held", TIME_SERIES)],
        unit=look.SHARE,
        least="6h",
        defaults={"decimals": 0, "max": 1},
        columns=[
            line("In the 80 % interval", look.EXPECTED),
            line("In the 95 % interval", look.POSITIVE),
        ],
    )


def _brands() -> Panel:
    return table(
        "By brand",
        f"Forecasts of the next hour, the worst first. {MASE} Pinball: the error of the whole "
        "distribution in the same unit.",
        size=(24, 8),
        query="forecast/brands",
        unit=look.TEXT,
        none="no forecast of this time has met its truth yet",
        columns=[
            column("Truths", unit=look.COUNT),
            tinted("MASE", steps("transparent", (1.0, look.WARNING), (1.3, look.NEGATIVE)),
                   unit=look.NUMBER, decimals=2),
            column("MASE of last week", unit=look.NUMBER, decimals=2),
            column("Pinball", unit=look.NUMBER, decimals=2),
            column("In the 80 % interval", unit=look.SHARE, decimals=0),
            column("In the 95 % interval", unit=look.SHARE, decimals=0),
        ],
    )  # fmt: skip


def _told_by() -> Panel:
    return ranked(
        "Who was told",
        "Truths by the model whose forecast was shown; last week's value takes a model's place "
        "while it is better.",
        size=(10, 8),
        query="forecast/told_by",
        unit=look.COUNT,
        colour=look.EXPECTED,
        none="no forecast of this time has met its truth yet",
    )


def _left_out() -> Panel:
    return over_time(
        "Counts that nothing is learnt from",
        "Buckets of five minutes whose counts are not what the crowd said: a feed stalled, caught "
        "up, or another model or query counted them.",
        size=(14, 8),
        targets=[asked("forecast/left_out", TIME_SERIES)],
        unit=look.COUNT,
        stacked=True,
        least="1h",
        label="quality",
    )
