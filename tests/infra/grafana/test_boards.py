"""What every dashboard has to be, whoever adds a panel; and that files are those of the code."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

import infra.grafana
from infra.clickhouse.roles import role_statements
from infra.grafana import build, names
from infra.grafana.board import COLUMNS, placed
from infra.grafana.panels import table
from infra.metrics import Meter
from processors.simulate_plan import SIMULATED_BRANDS
from streams.worker import STAGES

Json = dict[str, Any]
BUILT = Path(infra.grafana.__file__).parent / "built"
QUERIES = Path(infra.grafana.__file__).parent / "queries"
BOARDS = build.dashboards()
USED = re.compile(r"\$\{(\w+)(?:[:.][^}]*)?\}|\$(\w+)")
each = pytest.mark.parametrize("made", BOARDS.values(), ids=BOARDS)


def panels(made: Json) -> list[Json]:
    return [panel for panel in made["panels"] if panel["type"] != "row"]


def targets(made: Json) -> list[Json]:
    return [target for panel in panels(made) for target in panel["targets"]]


def texts(found: object) -> list[str]:
    """Every text in it."""
    if isinstance(found, str):
        return [found]
    if isinstance(found, dict):
        return [text for value in found.values() for text in texts(value)]
    return [text for value in found for text in texts(value)] if isinstance(found, list) else []


def test_what_is_built_is_in_the_repository_and_nothing_else() -> None:
    there = {
        str(path.relative_to(BUILT)): path.read_text(encoding="utf-8")
        for path in BUILT.rglob("*")
        if path.is_file()
    }
    assert there == build.files(), "run: groundswell dashboards build infra/grafana/built"


def test_building_twice_writes_nothing(tmp_path: Path) -> None:
    assert len(build.write(tmp_path)) == len(build.files())
    assert build.write(tmp_path) == []


def test_uids_and_titles_are_each_there_once() -> None:
    assert len({made["uid"] for made in BOARDS.values()}) == len(BOARDS)
    assert len({made["title"] for made in BOARDS.values()}) == len(BOARDS)


@each
def test_a_dashboard_says_what_it_is_for_and_leads_to_the_others(made: Json) -> None:
    assert len(made["description"]) > 40
    assert made["tags"] == [names.TAG]
    assert made["links"][0]["tags"] == [names.TAG]
    assert "version" not in made
    assert made["id"] is None


@each
def test_a_panel_has_a_title_a_description_a_unit_and_a_data_source(made: Json) -> None:
    for panel in panels(made):
        assert panel["title"]
        assert len(panel["description"]) > 30, panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert all(one in (names.DATABASE, names.METRICS) for one in sources), panel["title"]
    assert len({panel["title"] for panel in panels(made)}) == len(panels(made))


@each
def test_panels_are_inside_and_do_not_overlap(made: Json) -> None:
    places = [panel["gridPos"] for panel in made["panels"]]
    assert all(at["x"] >= 0 and at["x"] + at["w"] <= COLUMNS for at in places)
    for one, other in combinations(places, 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)


@each
def test_no_row_has_a_hole(made: Json) -> None:
    widths: dict[int, int] = {}
    for panel in made["panels"]:
        at = panel["gridPos"]
        widths[at["y"]] = widths.get(at["y"], 0) + at["w"]
    assert set(widths.values()) == {COLUMNS}


def test_a_panel_keeps_its_id_when_others_come_and_go() -> None:
    def one(title: str) -> Any:
        return table(title, "", size=(12, 4), query="brand/all", columns=[], unit="string")

    alone = placed("uid", [[one("a")]])
    beside = placed("uid", ["heading", [one("b"), one("a")]])
    assert alone[0]["id"] == beside[-1]["id"]
    ids = [panel["id"] for made in BOARDS.values() for panel in made["panels"]]
    assert len(set(ids)) == len(ids)


def test_a_row_that_does_not_fit_is_refused() -> None:
    wide = table("a", "", size=(13, 4), query="brand/all", columns=[], unit="string")
    with pytest.raises(ValueError, match="does not fit"):
        placed("uid", [[wide, wide]])


@each
def test_every_variable_is_used_and_none_is_missing(made: Json) -> None:
    declared = {variable["name"] for variable in made["templating"]["list"]}
    outside = {**made, "templating": {"list": [{**one, "current": {}} for one in _queries(made)]}}
    used = {a or b for text in texts(outside) for a, b in USED.findall(text)}
    own = {name for name in used if not name.startswith("__")}
    assert own == declared


def _queries(made: Json) -> list[Json]:
    return [one for one in made["templating"]["list"] if one["type"] == "query"]


@each
def test_columns_that_are_set_are_columns_that_are_asked_for(made: Json) -> None:
    for panel in panels(made):
        asked = "\n".join(target.get("rawSql", "") for target in panel["targets"])
        for override in panel["fieldConfig"]["overrides"]:
            name = override["matcher"]["options"]
            legends = [target.get("legendFormat") for target in panel["targets"]]
            by_label = "displayName" in panel["fieldConfig"]["defaults"]
            assert f'"{name}"' in asked or name in legends or by_label, (panel["title"], name)


@each
def test_no_brand_is_written_into_a_dashboard(made: Json) -> None:
    whole = json.dumps(made, ensure_ascii=False)
    brands = [name for brand in SIMULATED_BRANDS for name in (brand.name, *brand.aliases)]
    assert [name for name in brands if name in whole] == []
    for target in targets(made):
        assert not re.search(r"brand\s*(=|IN\s*\()\s*'\w", target.get("rawSql", ""))


@each
def test_counts_are_read_as_the_program_reads_them(made: Json) -> None:
    """Rows that were replaced count nowhere: FINAL everywhere; posts by a view that has it."""
    for target in targets(made):
        sql = re.sub(r"^--.*$", "", target.get("rawSql", ""), flags=re.MULTILINE)
        functions = re.findall(r"(?<!ARRAY )\b(?:FROM|JOIN)\s+(\w+)\(", sql)
        assert set(functions) <= {"numbers", "post_looks"}, sql
        for table_name, after in re.findall(
            r"(?<!ARRAY )\b(?:FROM|JOIN)\s+([\w.]+)\b(?!\()(\s+\w+)?", sql
        ):
            if table_name == "counted_posts" or after.strip() == "FINAL":
                continue
            # An id may be in a list twice; the system has no rows that were replaced.
            once = ("outbox", "dead_letters", "system.parts", "system.mutations")
            assert table_name in once, (table_name, sql)
        assert "SETTINGS" not in sql  # a user who can only read may set none


def test_every_query_is_asked_for() -> None:
    asked = {text for made in [*BOARDS.values(), *(one() for one in build.PROVISIONING.values())]
             for text in texts(made)}  # fmt: skip
    for path in QUERIES.rglob("*.sql"):
        assert path.read_text(encoding="utf-8").strip() in asked, path


def test_every_query_says_what_it_is_and_confuses_no_macro() -> None:
    for path in QUERIES.rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("-- "), path
        for comment in re.findall(r"--.*", text):
            assert not set(comment) & set("$'\"`"), (path, comment)


def test_metrics_that_are_asked_for_are_measured() -> None:
    registry = CollectorRegistry()
    for stage in STAGES:
        Meter(stage, registry)
    known = {
        sample for family in registry.collect() for sample in (family.name, f"{family.name}_total")
    }
    asked = {
        name
        for target in targets(BOARDS["pipeline-health"])
        for name in re.findall(r"\b[a-z]+_\w+", re.sub(r"by \(\w+\)", "", target.get("expr", "")))
        if not name.startswith("__")
    }
    assert asked
    assert asked - known == set()


def test_files_of_grafana_hold_no_secret_and_no_macro() -> None:
    loaded = {name: yaml.safe_load(text) for name, text in build.files().items() if "yaml" in name}
    for name, made in loaded.items():
        assert made["apiVersion"] == 1
        for text in texts(made):
            if "SELECT" in text:  # Grafana would put its environment in place of it
                assert "$" not in text, name
    sources = loaded["provisioning/datasources/groundswell.yaml"]["datasources"]
    assert [one["uid"] for one in sources] == [names.CLICKHOUSE_UID, names.PROMETHEUS_UID]
    assert sources[0]["secureJsonData"]["password"].startswith("$__file{/run/secrets/")
    rules = loaded["provisioning/alerting/rules.yaml"]["groups"][0]["rules"]
    points = loaded["provisioning/alerting/contact-points.yaml"]["contactPoints"]
    assert {rule["notification_settings"]["receiver"] for rule in rules} == {points[0]["name"]}
    for rule in rules:
        references = {query["refId"]: query["datasourceUid"] for query in rule["data"]}
        assert rule["condition"] in references
        assert set(references.values()) <= {names.CLICKHOUSE_UID, "__expr__"}
        board = next(made for made in BOARDS.values() if made["uid"] == rule["dashboardUid"])
        assert rule["panelId"] in {panel["id"] for panel in panels(board)}


def test_the_page_says_what_grafana_needs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "grafana.md").read_text(encoding="utf-8")
    files = build.files()
    for name in re.findall(r"\$(GRAFANA_\w+)|__file\{([^}]+)\}", "".join(files.values())):
        assert f"`{name[0] or name[1]}`" in page
    for made in BOARDS.values():
        assert f"| {made['title']} |" in page


def test_the_role_of_grafana_may_read_what_is_asked() -> None:
    granted = [
        found[1]
        for statement in role_statements("groundswell", None)
        if (found := re.fullmatch(r"GRANT SELECT ON (\S+) TO groundswell_grafana", statement))
    ]
    asked = set()
    for path in QUERIES.rglob("*.sql"):
        sql = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
        for name in re.findall(r"(?<!ARRAY )\b(?:FROM|JOIN)\s+([\w.]+)\b(?!\()", sql):
            asked.add(name if "." in name else "groundswell.*")
    assert set(granted) == asked
