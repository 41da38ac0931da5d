"""Brand watch: what a PR team looks at, from the figure to the posts behind it."""

from infra.grafana import board, look
from infra.grafana.look import Json, band, column, line, linked, steps, tinted, wrapped
from infra.grafana.panels import TIME_SERIES, Panel, asked, over_time, ranked, table, tiles

UID = "groundswell-brand"
THIS = f"/d/{UID}?${{__url_time_range}}&var-brand=${{__value.text:percentencode}}"
HELD = "The blue area is where it was expected with 95 % certainty before it happened."


def brand_watch() -> Json:
    """One brand: how bad, since when, why, who says it; then all brands side by side."""
    return board.dashboard(
        UID,
        "Brand watch",
        "Is the mood about a brand turning: how far from normal, since when, why, and who says it.",
        variables=[board.database(), board.brands(several=False), board.page_address()],
        marked=True,
        rows=[
            [_now()],
            [_incidents()],
            [_negative()],
            [_moods(), _share()],
            "Why",
            [_terms(), _sources(), _languages()],
            [_stories(), _posts()],
            "Beside the others",
            [_all()],
        ],
    )


def _now() -> Panel:
    return tiles(
        "${brand} in this time",
        "Posts that count now, each once. Changes are against the same length of time just before. "
        "The negative share is by the model's labels. Repeats are reposts and copies of a text.",
        size=(24, 4),
        query="brand/tiles",
        unit=look.COUNT,
        columns=[
            column("More posts than before", unit=look.SHARE, decimals=0,
                   thresholds=steps(look.PLAIN, (0.5, look.WARNING), (1.5, look.NEGATIVE))),
            column("Negative share", unit=look.SHARE, decimals=1),
            column("Change of the share", unit=look.POINTS, decimals=1,
                   thresholds=steps(look.PLAIN, (5, look.WARNING), (10, look.NEGATIVE))),
            column("Repeats", unit=look.SHARE, decimals=0),
        ],
    )  # fmt: skip


def _negative() -> Panel:
    return over_time(
        "Negative posts, and how many were expected",
        f"Negative posts by five minutes, or by hours where the time is long. {HELD} "
        "The last step is left out until it is over.",
        size=(24, 9),
        targets=[asked("brand/negative", TIME_SERIES)],
        unit=look.COUNT,
        columns=[
            line("Negative posts", look.NEGATIVE),
            line("Expected", look.EXPECTED, custom_lineWidth=1, custom_showPoints="never",
                 custom_lineStyle={"dash": [6, 4], "fill": "dash"}),
            *band("Lowest expected", "Highest expected", look.EXPECTED),
        ],
    )  # fmt: skip


def _incidents() -> Panel:
    return table(
        "Incidents of the brand",
        "Incidents that were open at any moment of this time, open ones first. Severity is the "
        "worst so far, of 10. The id leads to the live page, where people are told why and "
        "acknowledge.",
        size=(24, 6),
        query="brand/incidents",
        unit=look.TEXT,
        none="none in this time",
        columns=[
            tinted("Severity", look.SEVERITY, unit=look.NUMBER, custom_width=80),
            column("State", custom_width=70),
            wrapped("What happened"),
            column("Since", unit=look.TIME, custom_width=110),
            column("Lasted", unit=look.SECONDS, decimals=1, custom_width=100),
            column("Acknowledged by", custom_width=140),
            linked("Incident", "Open on the live page", look.INCIDENT, custom_width=150),
        ],
    )


def _moods() -> Panel:
    return over_time(
        "Posts by mood",
        "All posts by the label that counts: the model's, or that of a later scoring.",
        size=(12, 8),
        targets=[asked("brand/moods", TIME_SERIES)],
        unit=look.COUNT,
        stacked=True,
        columns=[
            line("Negative", look.NEGATIVE),
            line("Neutral", look.NEUTRAL),
            line("Positive", look.POSITIVE),
        ],
    )


def _share() -> Panel:
    return over_time(
        "Negative share of each hour, and what was expected",
        f"Of all posts of an hour those that are negative. {HELD} Hours without posts have none.",
        size=(12, 8),
        targets=[asked("brand/share", TIME_SERIES)],
        unit=look.SHARE,
        least="1h",
        columns=[
            line("Negative share", look.NEGATIVE),
            line("Expected", look.EXPECTED, custom_lineWidth=1, custom_showPoints="never",
                 custom_lineStyle={"dash": [6, 4], "fill": "dash"}),
            *band("Lowest expected", "Highest expected", look.EXPECTED),
        ],
    )  # fmt: skip


def _terms() -> Panel:
    return ranked(
        "What the newest incident is about",
        "Words that posts of the newest incident in this time say far more often than usual, and "
        "the share of its posts that say them.",
        size=(8, 8),
        query="brand/terms",
        unit=look.SHARE,
        colour=look.NEGATIVE,
        none="no incident in this time",
        defaults={"decimals": 0},
    )


def _sources() -> Panel:
    return ranked(
        "Where it is said",
        "Negative posts by the platform or feed they were published on.",
        size=(8, 8),
        query="brand/sources",
        unit=look.COUNT,
        colour=look.EXPECTED,
    )


def _languages() -> Panel:
    return ranked(
        "In which languages",
        "Negative posts by language (ISO 639-1); und is one that could not be told.",
        size=(8, 8),
        query="brand/languages",
        unit=look.COUNT,
        colour=look.EXPECTED,
    )


def _stories() -> Panel:
    return table(
        "Stories that are repeated most",
        "Posts that say (nearly) the same, together: how often, by how many authors, how many of "
        "them negative, and how the first one said it. Many posts by few authors are no crowd.",
        size=(12, 11),
        query="brand/stories",
        unit=look.TEXT,
        columns=[
            column("Posts", unit=look.COUNT, custom_width=70),
            column("Authors", unit=look.COUNT, custom_width=80),
            column("Negative", unit=look.SHARE, decimals=0, custom_width=85),
            wrapped("First said"),
            column("Began", unit=look.TIME, custom_width=110),
        ],
    )


def _posts() -> Panel:
    return table(
        "Negative posts with the most followers",
        "Negative posts by the number of people who follow their author; of repeats only the "
        "first.",
        size=(12, 11),
        query="brand/posts",
        unit=look.TEXT,
        columns=[
            column("When", unit=look.TIME, custom_width=110),
            column("Followers", unit=look.COUNT, custom_width=90),
            column("Source", custom_width=100),
            wrapped("Text"),
            linked("Link", "Open the post", "${__value.raw}", mappings=look.NAMED, custom_width=70),
        ],
    )


def _all() -> Panel:
    return table(
        "All brands",
        "Every brand in this time, the most negative first, against the same length of time "
        "before. A brand leads to this dashboard for it.",
        size=(24, 8),
        query="brand/all",
        unit=look.TEXT,
        columns=[
            linked("Brand", "Watch this brand",
                   THIS),
            column("Posts", unit=look.COUNT),
            column("More posts than before", unit=look.SHARE, decimals=0),
            column("Negative share", unit=look.SHARE, decimals=1, min=0, max=1,
                   color={"mode": "fixed", "fixedColor": look.NEGATIVE},
                   custom_cellOptions={"mode": "basic", "type": "gauge"}),
            tinted("Change of the share",
                   steps("transparent", (5, look.WARNING), (10, look.NEGATIVE)),
                   unit=look.POINTS, decimals=1),
        ],
    )  # fmt: skip
