"""Every query of the dashboards, as Grafana sends it, over posts of a simulated crisis."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from infra.grafana import build
from infra.store import Store
from infra.store_chdb import ChdbStore
from processors.simulate_plan import SIMULATED_BRANDS, Crisis, DayPlan
from tests.conftest import emptied
from tests.grafana_data import Made, fill
from tests.grafana_sql import Span, expanded, formatted, step_of

Json = dict[str, Any]
START = datetime(2026, 3, 3, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOARDS = build.dashboards()
NUMBER = re.compile(r"(Nullable\()?(U?Int(8|16|32|64)|Float(32|64))\)?")
TEXT = re.compile(r"(LowCardinality\()?String\)?")
TIME = re.compile(r"DateTime(64\(3, )?\(?'UTC'\)")
AT = re.compile(r"(Nullable\()?DateTime\('UTC'\)\)?")
EMPTY_WITHOUT_A_PERSON = {"Scorings of history"}


def asked(made: Json) -> Iterator[tuple[str, Json, str]]:
    for panel in made["panels"]:
        for target in panel.get("targets", []):
            if "rawSql" in target:
                yield panel["title"], panel, target["rawSql"]


CASES = [
    pytest.param(panel, sql, id=f"{name}: {title}")
    for name, made in BOARDS.items()
    for title, panel, sql in asked(made)
]


@pytest.fixture(scope="module")
def filled(embedded: ChdbStore) -> Iterator[Made]:
    """A day of two brands with a crisis, judged and forecast as a line does."""
    brands = [replace(brand, posts_per_day=240.0) for brand in SIMULATED_BRANDS[:2]]
    crisis = Crisis(brand=brands[0].name, start=START + 12 * HOUR, end=START + 14 * HOUR, posts=160)
    plan = DayPlan(start=START, end=START + 16 * HOUR, brands=tuple(brands), events=(crisis,))
    emptied(embedded)
    yield fill(embedded, plan, seed=1, foreseen=2 * HOUR)
    emptied(embedded)


@pytest.fixture(scope="module")
def span(filled: Made) -> Span:
    return Span(filled.since, filled.until, variables(list(filled.brands)))


def variables(brands: list[str]) -> dict[str, str | list[str]]:
    return {"brand": brands, "severity": "1", "series": "negative", "step": "60m"}


def described(store: Store, sql: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in store.query(f"DESCRIBE TABLE ({sql}\n)")]


@pytest.mark.parametrize(("panel", "sql"), CASES)
def test_a_panel_gets_rows_of_the_types_it_draws(
    embedded: ChdbStore, span: Span, panel: Json, sql: str
) -> None:
    sent = expanded(sql, span, step=step_of(panel, span))
    rows, columns = embedded.query(sent), described(embedded, sent)
    assert rows
    _check(panel, columns, rows)


def _check(panel: Json, columns: list[tuple[str, str]], rows: list[Any]) -> None:
    kinds = [kind for _, kind in columns]
    match panel["type"]:
        case "timeseries":
            assert columns[0][0] == "time"
            assert AT.fullmatch(kinds[0])
            times = [row[0] for row in rows]
            assert times == sorted(times)
            words = [name for name, kind in columns[1:] if TEXT.fullmatch(kind)]
            label = panel["fieldConfig"]["defaults"].get("displayName")
            assert [f"${{__field.labels.{word}}}" for word in words] == ([label] if label else [])
            numbers = [name for name, kind in columns[1:] if NUMBER.fullmatch(kind)]
            assert len(columns) == 1 + len(words) + len(numbers)
            assert numbers == ["Value"] or not words
        case "stat":
            assert len(rows) == 1
            assert all(NUMBER.fullmatch(kind) for kind in kinds)
        case "bargauge":
            assert TEXT.fullmatch(kinds[0])
            assert all(NUMBER.fullmatch(kind) for kind in kinds[1:])
        case "barchart":
            assert columns[0][0] == panel["options"]["xField"]
            assert TEXT.fullmatch(kinds[0])
            assert all(NUMBER.fullmatch(kind) for kind in kinds[1:])
        case "table":
            known = (TEXT, NUMBER, AT)
            assert all(any(one.fullmatch(kind) for one in known) for kind in kinds), kinds
            for override in panel["fieldConfig"]["overrides"]:
                properties = {one["id"]: one["value"] for one in override["properties"]}
                kind = dict(columns)[override["matcher"]["options"]]
                if properties.get("unit", "").startswith("time:"):
                    assert AT.fullmatch(kind)
                elif "unit" in properties:
                    assert NUMBER.fullmatch(kind)
        case other:
            raise AssertionError(other)


@pytest.mark.parametrize(("panel", "sql"), CASES)
def test_a_panel_of_an_empty_database_is_empty_and_no_error(
    embedded: ChdbStore, span: Span, panel: Json, sql: str
) -> None:
    long_ago = Span(
        span.since - timedelta(days=900), span.until - timedelta(days=900), variables(["nobody's"])
    )
    embedded.query(expanded(sql, long_ago, step=step_of(panel, long_ago)))


def test_variables_list_brands(embedded: ChdbStore, filled: Made, span: Span) -> None:
    found = [
        variable for made in BOARDS.values() for variable in made["templating"]["list"]
        if variable["type"] == "query"
    ]  # fmt: skip
    assert found
    for variable in found:
        sql = expanded(variable["query"]["rawSql"], span)
        assert sorted(row[0] for row in embedded.query(sql)) == sorted(filled.brands)
        assert variable["definition"] == variable["query"]["rawSql"]


def test_incidents_are_marks_with_an_end(embedded: ChdbStore, span: Span) -> None:
    marks = [mark for mark in BOARDS["brand-watch"]["annotations"]["list"] if "target" in mark]
    sent = expanded(marks[0]["target"]["rawSql"], span)
    names = [name for name, _ in described(embedded, sent)]
    assert names == ["time", "timeEnd", "title", "text", "tags"]
    (mark,) = embedded.query(sent)
    assert span.since < mark[0] < mark[1] <= span.until


def test_the_example_rule_counts_what_was_just_stored(embedded: ChdbStore, filled: Made) -> None:
    rules = build.PROVISIONING["alerting/rules.yaml"]()
    sql = rules["groups"][0]["rules"][0]["data"][0]["model"]["rawSql"]
    assert embedded.query(sql) == [(0,)]  # these posts are old


def figures(store: Store, board: str, title: str, span: Span) -> dict[str, Any]:
    """The one row of a panel, by column."""
    (found,) = [(panel, sql) for name, panel, sql in asked(BOARDS[board]) if name == title]
    panel, sql = found
    sent = expanded(sql, span, step=step_of(panel, span))
    (row,) = store.query(sent)
    return dict(zip((name for name, _ in described(store, sent)), row, strict=True))


def test_figures_are_those_of_the_program(embedded: ChdbStore, filled: Made, span: Span) -> None:
    brand = filled.brands[0]
    seen = replace(span, variables=variables([brand]))
    told = figures(embedded, "brand-watch", "${brand} in this time", seen)
    [(posts, negative)] = embedded.query(
        "SELECT count(), countIf(sentiment = 'negative') FROM counted_posts "
        "WHERE brand = {brand:String}",
        {"brand": brand},
    )
    assert (told["Posts"], told["Negative posts"]) == (posts, negative)
    assert told["Negative share"] == pytest.approx(negative / posts)


def test_a_row_that_comes_again_changes_no_figure(embedded: ChdbStore, span: Span) -> None:
    before = figures(embedded, "pipeline-health", "The line now", span)
    for table in ("posts", "receipts", "dead_letters", "incident_events", "forecast_scores"):
        embedded.command(f"INSERT INTO {table} SELECT * FROM {table}")
    assert figures(embedded, "pipeline-health", "The line now", span) == before
    opened = figures(embedded, "incidents", "Incidents in this time", span)
    assert opened["Opened"] == 1


def test_change_is_against_the_time_before(embedded: ChdbStore, filled: Made) -> None:
    half = Span(filled.since + 8 * HOUR, filled.until, variables([filled.brands[0]]))
    told = figures(embedded, "brand-watch", "${brand} in this time", half)
    [(now, before)] = embedded.query(
        "SELECT countIf(published_at >= {at:String}), countIf(published_at < {at:String}) "
        "FROM counted_posts WHERE brand = {brand:String}",
        {"at": half.since.strftime("%Y-%m-%d %H:%M:%S"), "brand": filled.brands[0]},
    )
    assert told["More posts than before"] == pytest.approx(now / before - 1)


def test_a_quote_in_a_brand_is_no_sql(embedded: ChdbStore, filled: Made) -> None:
    hostile = Span(filled.since, filled.until, variables(["x') OR 1 = 1 --", "it's"]))
    told = figures(embedded, "brand-watch", "${brand} in this time", hostile)
    assert told["Posts"] == 0


def test_unknown_macros_and_variables_are_errors() -> None:
    span = Span(START, START + HOUR, {"brand": "a"})
    for sql in ("$__nothing(a)", "$nobody", "${brand:json}"):
        with pytest.raises(KeyError):
            expanded(sql, span)
    assert formatted(["it's", "b"], "sqlstring") == "'it''s','b'"
