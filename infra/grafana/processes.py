"""Panels of what processes say of themselves: asked of Prometheus, names as in infra.metrics."""

from typing import Final

from infra.grafana import look
from infra.grafana.look import Json, line
from infra.grafana.panels import Panel, measured, over_time

STAGES: Final = ("feeds", "refine", "score", "store", "watch", "deliver")
COLOURS: Final = (
    *(look.NEUTRAL, look.EXPECTED, look.WARNING),
    *(look.POSITIVE, look.OTHER, look.NEGATIVE),
)


def processes() -> list[list[Panel]]:
    """Rows of them."""
    return [[_posts(), _lag(), _busy()], [_waiting(), _reasons(), _failing()]]


def _by_stage(expression: str) -> list[Json]:
    return measured(*((expression.format(stage=stage), stage) for stage in STAGES))


def _stages() -> list[Json]:
    return [line(stage, colour) for stage, colour in zip(STAGES, COLOURS, strict=True)]


def _posts() -> Panel:
    return over_time(
        "Posts a second, by stage",
        "Posts that processes of a stage finished. From Prometheus.",
        size=(8, 8),
        targets=_by_stage("sum(rate({stage}_posts_total[$__rate_interval]))"),
        unit="pps",
        least="30s",
        columns=_stages(),
    )


def _lag() -> Panel:
    return over_time(
        "Age of the oldest post in hand, by stage",
        "How long ago the oldest post of the last batch was received: the largest of a stage's "
        "processes. From Prometheus.",
        size=(8, 8),
        targets=_by_stage("max({stage}_lag_seconds)"),
        unit=look.SECONDS,
        least="30s",
        columns=_stages(),
    )


def _busy() -> Panel:
    return over_time(
        "How busy stages are",
        "Share of the time that a stage's processes spend on batches, on average. Near 1 they "
        "cannot take more: start another. From Prometheus.",
        size=(8, 8),
        targets=_by_stage("avg(rate({stage}_busy_seconds_total[$__rate_interval]))"),
        unit=look.SHARE,
        least="30s",
        defaults={"max": 1},
        columns=_stages(),
    )


def _waiting() -> Panel:
    return over_time(
        "Sent on, not yet on disk",
        "Posts that a stage has sent on and that are not known to be stored. From Prometheus.",
        size=(8, 8),
        targets=_by_stage("sum({stage}_waiting)"),
        unit=look.COUNT,
        least="30s",
        columns=_stages(),
    )


def _reasons() -> Panel:
    return over_time(
        "Left out on purpose, by reason",
        "Posts an hour that refine dropped or could not read, and that a stage could not bear "
        "(poison). From Prometheus.",
        size=(8, 8),
        targets=measured(
            ("sum by (reason) (rate(refine_reasons_total[$__rate_interval])) * 3600", "{{reason}}"),
            ("sum(rate(score_reasons_total[$__rate_interval])) * 3600", "not scored"),
            ("sum(rate(store_reasons_total[$__rate_interval])) * 3600", "not stored"),
        ),
        unit=look.COUNT,
        least="1m",
    )


def _failing() -> Panel:
    return over_time(
        "Receivers that take nothing",
        "For how long each receiver has taken nothing; 0 while it is well. From Prometheus.",
        size=(8, 8),
        targets=measured(("max by (receiver) (deliver_failing_seconds)", "{{receiver}}")),
        unit=look.SECONDS,
        least="30s",
    )
