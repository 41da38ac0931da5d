"""The operator's alerts: expressions parse, name what exists, and each has its runbook."""

import re
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

from infra.metric_table import OF_A_STAGE, OF_A_WORKER, OF_OTHERS, STAGES, every_sample

ROOT = Path(__file__).parents[2]
FILE = ROOT / "infra" / "alert_rules" / "groundswell.yml"
GROUPS: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
RUNBOOKS = (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8")
LABELS = {
    "job",
    "instance",
    *("severity", "alertname"),
    *(label for one in (*OF_A_STAGE, *OF_A_WORKER) for label in one.labels),
}


def selectors(expr: str) -> list[Any]:
    """Every vector that an expression reads; raises what the parser does."""
    found, waiting = [], [promql.parse(expr)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, promql.VectorSelector):
            found.append(node)
        for name in ("lhs", "rhs", "expr", "vector_selector"):
            if (child := getattr(node, name, None)) is not None:
                waiting.append(child)
        waiting += getattr(node, "args", [])
    return found


def test_the_parser_refuses_what_is_no_expression() -> None:
    with pytest.raises(ValueError):
        promql.parse("sum(rate(store_posts_total[5m])")


def test_selectors_are_found_wherever_they_stand() -> None:
    expr = "1 - sum by (a) (rate(b[5m])) / max(c offset 1m) > 2 and changes(d{e='f'}[1h]) or (-g)"
    assert {one.name for one in selectors(expr)} == {"b", "c", "d", "g"}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_a_rule_reads_metrics_and_labels_that_exist(rule: dict[str, Any]) -> None:
    found = selectors(rule["expr"])
    assert found
    for one in found:
        assert one.name in every_sample()
        assert {matcher.name for matcher in one.matchers.matchers} <= LABELS
    assert set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])) <= LABELS


def test_what_a_rule_waits_for_is_there_before_it_first_happens() -> None:
    """A counter that appears with 1 has not increased, as Prometheus sees it."""
    begins = {
        f"{stage}_{one.shown}": set(one.begins)
        for stage in STAGES
        for one in OF_A_STAGE
        if one.kind == "counter" and one.labels
    }
    waited = [
        (one.name, matcher.value)
        for rule in RULES
        for one in selectors(rule["expr"])
        for matcher in one.matchers.matchers
        if one.name in begins and matcher.op == promql.MatchOp.Equal
    ]
    assert waited
    assert [pair for pair in waited if pair[1] not in begins[pair[0]]] == []


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_a_rule_says_how_bad_what_and_where_to_read_on(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"].keys() == {"summary", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"docs/runbooks.md#{rule['alert'].lower()}"


def test_each_alert_has_its_runbook_and_the_other_way_round() -> None:
    sections = re.split(r"^## ", RUNBOOKS, flags=re.MULTILINE)[1:]
    titles = [section.partition("\n")[0] for section in sections]
    assert titles == [rule["alert"] for rule in RULES]
    for section in sections:
        for part in ("**Means:**", "**Look:**", "**Do:**"):
            assert part in section


def test_compose_s_prometheus_reads_them() -> None:
    prometheus = yaml.safe_load((ROOT / "infra" / "compose" / "prometheus.yml").read_text())
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["prometheus"]
    bound = [one for one in service["volumes"] if isinstance(one, dict)]
    (folder,) = [one for one in bound if one["source"] == "./infra/alert_rules"]
    assert prometheus["rule_files"] == [f"{folder['target']}/*.yml"]
    assert "groundswell" in {job["job_name"] for job in prometheus["scrape_configs"]}


def test_what_a_dashboard_reads_exists() -> None:
    known = {f"{stage}_{one.shown}" for stage in STAGES for one in OF_A_STAGE}
    known |= every_sample() | {one.shown for one in (*OF_A_WORKER, *OF_OTHERS)}
    text = (ROOT / "infra/grafana/built/dashboards/pipeline-health.json").read_text("utf-8")
    expressions = re.findall(r'"expr": "((?:[^"\\]|\\.)+)"', text)
    assert expressions
    for expr in expressions:
        expr = expr.replace("$__rate_interval", "5m").replace('\\"', '"')
        assert {one.name for one in selectors(expr)} <= known, expr
