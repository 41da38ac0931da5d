"""Pipeline health: what an operator looks at. What processes say of themselves is Prometheus's."""

from typing import Final

from infra.grafana import board, look
from infra.grafana.look import NEGATIVE, WARNING, Json, column, line, steps, tinted
from infra.grafana.panels import TIME_SERIES, Panel, asked, over_time, ranked, table, tiles
from infra.grafana.processes import processes

UID = "groundswell-pipeline"
FLOW: Final = "Posts a second, by source"


def pipeline_health() -> Json:
    """The line: flow, latency, what waits, what could not be read, what it does to heal itself."""
    return board.dashboard(
        UID,
        "Pipeline health",
        "Does the line keep up, is anything lost or stuck, and what did it do about it. Panels of "
        "processes need Prometheus, the others ClickHouse alone.",
        variables=[board.database(), board.metrics()],
        since="now-6h",
        rows=[
            [_now()],
            [_flow(), _latency()],
            [_feeds()],
            "What went wrong",
            [_dead_letters(), _receipts()],
            [_healed(), _gaps()],
            "Database",
            [_disk()],
            "Processes (Prometheus)",
            *processes(),
        ],
    )


def _now() -> Panel:
    return tiles(
        "The line now",
        "Posts of this time. Waiting: acknowledged to their giver and without an outcome yet. "
        "Judged until: how far what watch has looked at is behind the end of this time.",
        size=(24, 4),
        query="pipeline/tiles",
        unit=look.COUNT,
        columns=[
            column("Waiting", thresholds=steps(look.PLAIN, (10_000, WARNING), (100_000, NEGATIVE))),
            column("Dead letters", thresholds=steps(look.POSITIVE, (1, WARNING))),
            column("Judged until, behind", unit=look.SECONDS, decimals=0,
                   thresholds=steps(look.POSITIVE, (900, WARNING), (3600, NEGATIVE))),
            column("Feeds not live", thresholds=steps(look.POSITIVE, (1, NEGATIVE))),
            column("Changes of tables under way", thresholds=steps(look.PLAIN, (1, WARNING))),
        ],
    )  # fmt: skip


def _flow() -> Panel:
    return over_time(
        FLOW,
        "Posts that count, at the time they were published, by platform or feed.",
        size=(12, 8),
        targets=[asked("pipeline/flow", TIME_SERIES)],
        unit="pps",
        stacked=True,
        least="1m",
        label="source",
    )


def _latency() -> Panel:
    return over_time(
        "How long posts take",
        "95 of 100 posts took at most so long from step to step; of all of it the median too. "
        "What was fetched later is left out.",
        size=(12, 8),
        targets=[asked("pipeline/latency", TIME_SERIES)],
        unit=look.SECONDS,
        columns=[
            line("Received to scored", look.EXPECTED),
            line("Scored to stored", look.POSITIVE),
            line("Received to stored", look.NEGATIVE),
            line("Received to stored, median", look.NEUTRAL),
        ],
    )


def _feeds() -> Panel:
    return table(
        "Feeds",
        "What each feed said last, those that need a look first. Behind: how long ago everything "
        "the platform had was here. Counts are since the feed was first started.",
        size=(24, 7),
        query="pipeline/feeds",
        unit=look.TEXT,
        none="no feed reads a platform",
        columns=[
            column("State", custom_cellOptions={"mode": "basic", "type": "color-background"},
                   mappings=[_states()], custom_width=120),
            column("Behind", unit=look.SECONDS, decimals=0, custom_width=100),
            column("Posts a second", unit="pps", decimals=1, custom_width=130),
            column("Posts", unit=look.COUNT, custom_width=90),
            tinted("Unreadable", steps("transparent", (1, WARNING)), unit=look.COUNT,
                   custom_width=100),
            column("Errors", unit=look.COUNT, custom_width=80),
            column("When", unit=look.TIME, custom_width=110),
        ],
    )  # fmt: skip


def _states() -> Json:
    colours = {
        "live": look.POSITIVE, "catching up": WARNING, "waiting": WARNING, "starting": look.NEUTRAL,
        "retrying": NEGATIVE, "refused": NEGATIVE, "stopped": look.NEUTRAL,
    }  # fmt: skip
    options = {
        word: {"color": colour, "index": number, "text": word}
        for number, (word, colour) in enumerate(colours.items())
    }
    return {"options": options, "type": "value"}


def _dead_letters() -> Panel:
    return over_time(
        "Messages that could not be read",
        "Dead letters as they arrived, by reason, also those that were tried again since. "
        "`groundswell dlq list` shows them.",
        size=(14, 8),
        targets=[asked("pipeline/dead_letters", TIME_SERIES)],
        unit=look.COUNT,
        stacked=True,
        label="reason",
    )


def _receipts() -> Panel:
    return ranked(
        "What became of everything that was read",
        "Each message that was ever read has one outcome here, so that nothing is lost in silence; "
        "whatever the time.",
        size=(10, 8),
        query="pipeline/receipts",
        unit=look.COUNT,
        colour=look.EXPECTED,
    )


def _healed() -> Panel:
    return table(
        "What stages did to heal themselves",
        "Stalls, messages that were set aside as poison, ends for want of memory and crashes, "
        "newest first.",
        size=(12, 8),
        query="pipeline/healed",
        unit=look.TEXT,
        none="nothing had to be done",
        columns=[
            column("When", unit=look.TIME, custom_width=110),
            column("Stage", custom_width=90),
            column("What", custom_width=100),
        ],
    )


def _gaps() -> Panel:
    return table(
        "What feeds know they missed",
        "Stretches of which a feed missed posts, or in which it read what it had missed. No "
        "forecast learns from these.",
        size=(12, 8),
        query="pipeline/gaps",
        unit=look.TEXT,
        none="nothing was missed",
        columns=[
            column("Since", unit=look.TIME, custom_width=110),
            column("Lasted", unit=look.SECONDS, decimals=0, custom_width=100),
            column("What", custom_width=100),
        ],
    )


def _disk() -> Panel:
    return table(
        "Tables on the disk",
        "Rows and bytes by table, the largest first; many parts mean that merges do not keep up. "
        "Of this server alone.",
        size=(24, 9),
        query="pipeline/disk",
        unit=look.TEXT,
        columns=[
            column("Rows", unit=look.COUNT),
            column("On disk", unit="bytes"),
            column("A row", unit="bytes", decimals=0),
            tinted(
                "Parts", steps("transparent", (300, WARNING), (1000, NEGATIVE)), unit=look.COUNT
            ),
        ],
    )
