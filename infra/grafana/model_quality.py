"""Model quality: what scores look like, what people say of them, what happened to models."""

from infra.grafana import board, look
from infra.grafana.look import Json, column, line, steps
from infra.grafana.panels import TIME_SERIES, Panel, asked, over_time, table, tiles

UID = "groundswell-model"


def model_quality() -> Json:
    """Scores of one brand or of many."""
    return board.dashboard(
        UID,
        "Model quality",
        "Can the labels be trusted: how sure they are, how people correct them, what changed.",
        variables=[board.database(), board.brands(several=True)],
        since="now-7d",
        rows=[
            [_now()],
            [_looks(), _models()],
            "What people say",
            [_drawn(), _corrected()],
            "Where it differs",
            [_languages(), _scorings()],
            [_events()],
        ],
    )


def _now() -> Panel:
    return tiles(
        "Scores in this time",
        "Confidence is the mean probability of the likeliest label. Unsure: the model would "
        "rather not say. Unknown words: those that its vocabulary does not hold whole.",
        size=(24, 4),
        query="model/tiles",
        unit=look.COUNT,
        columns=[
            column("Confidence", unit=look.SHARE, decimals=1),
            column("Unsure", unit=look.SHARE, decimals=1,
                   thresholds=steps(look.PLAIN, (0.2, look.WARNING))),
            column("Unknown words", unit=look.SHARE, decimals=1),
            column("Scored again later", unit=look.SHARE, decimals=0),
        ],
    )  # fmt: skip


def _looks() -> Panel:
    return over_time(
        "How scores look",
        "A step in one of these is what drift looks like: another model, another crowd, or other "
        "words.",
        size=(12, 9),
        targets=[asked("model/looks", TIME_SERIES)],
        unit=look.SHARE,
        least="1h",
        defaults={"max": 1},
        columns=[
            line("Confidence", look.EXPECTED),
            line("Unsure", look.WARNING),
            line("Unknown words", look.NEUTRAL),
        ],
    )


def _models() -> Panel:
    return over_time(
        "Posts by the model that scored them",
        "Of the scores that count. Several at once: by language, or while one takes over from "
        "another.",
        size=(12, 9),
        targets=[asked("model/models", TIME_SERIES)],
        unit=look.COUNT,
        stacked=True,
        least="1h",
        label="model",
    )


def _drawn() -> Panel:
    return table(
        "Errors of the negative label",
        "By posts that were drawn at random and labelled by people, each weighed by how many it "
        "stands for. Found: of what people call negative. Right: of what the model calls "
        "negative. Few labels say little: at 50 a share is off by 14 points one time in twenty.",
        size=(14, 8),
        query="model/drawn",
        unit=look.TEXT,
        none="nobody has labelled drawn posts of this time (groundswell label)",
        columns=[
            column("Labelled", unit=look.COUNT),
            column("Found", unit=look.SHARE, decimals=0),
            column("Right", unit=look.SHARE, decimals=0),
            column("By the model", unit=look.SHARE, decimals=1),
            column("By people", unit=look.SHARE, decimals=1),
        ],
    )


def _corrected() -> Panel:
    return table(
        "What people say of single posts",
        "Labels that people gave to posts that struck them. They say where the model errs, not how "
        "often: nobody corrects what is right.",
        size=(10, 8),
        query="model/corrected",
        unit=look.TEXT,
        none="nobody has corrected a post of this time",
        columns=[column("Posts", unit=look.COUNT)],
    )


def _languages() -> Panel:
    return table(
        "By language",
        "Scores of each language; und is one that could not be told.",
        size=(14, 9),
        query="model/languages",
        unit=look.TEXT,
        columns=[
            column("Posts", unit=look.COUNT),
            column("Negative", unit=look.SHARE, decimals=1),
            column("Confidence", unit=look.SHARE, decimals=1),
            column("Unsure", unit=look.SHARE, decimals=1),
            column("Unknown words", unit=look.SHARE, decimals=1),
        ],
    )


def _scorings() -> Panel:
    return table(
        "Scorings of history",
        "Brands whose old posts were scored again by another model, and since when that counts.",
        size=(10, 9),
        query="model/scorings",
        unit=look.TEXT,
        none="no history was scored again",
        columns=[
            column("Scoring", unit=look.NUMBER, custom_width=90),
            column("Since", unit=look.TIME, custom_width=110),
        ],
    )


def _events() -> Panel:
    return table(
        "What happened to models",
        "Drift that was seen, and models that went live, were refused or were rolled back; newest "
        "first.",
        size=(24, 8),
        query="model/events",
        unit=look.TEXT,
        none="nothing in this time",
        columns=[
            column("When", unit=look.TIME, custom_width=110),
            column("What", custom_width=120),
            column("Model", custom_width=240),
        ],
    )
