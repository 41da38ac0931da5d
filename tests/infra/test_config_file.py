"""What is wrong in a file of settings is told by file, line and field, without what it holds."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError
from pydantic_settings import SettingsError

from infra.config_file import line_of, parse_config, problem_of, read_config
from infra.settings import FileSettings

FILE = Path("groundswell.yaml")
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


def refused(text: str, path: Path) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises((SettingsError, ValidationError)) as caught:
        FileSettings(**read_config(path))
    if isinstance(caught.value, ValidationError):
        return problem_of(caught.value, path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("partitions: 3\n\ngroup: [1]\n", 3, "setting group: "),
        ("# one\nbrnds: []\n", 2, "setting brnds: there is no such setting"),
        ("brands:\n- name: Acme\n  alias: x\n", 3, "setting brands.0.alias: there is no such"),
        (
            "brands:\n  - name: Acme\n  - name: Other\n    timezone: Mars\n",
            4,
            "brands.1.timezone: ",
        ),
        ("brands: Acme\n", 1, "setting brands: a list is wanted"),
        ("group: x\nbrands:\n- Acme\n", 3, "setting brands.0: fields are wanted"),
        ("data: 5\n", 1, "setting data: a text is wanted"),
        ('brands:\n- name: "a\\e[2J"\n', 2, "brands.0.name: a control character in it"),
        # What is missing is told where it should be.
        ("receivers:\n- name: a\n  url: https://x.com\n", 2, "receivers.0.secret: "),
        # The type of a receiver is no part of the field's name.
        (
            "receivers:\n- {name: a, type: slack,\n   url: x}\n",
            3,
            "receivers.0.url: no web address",
        ),
        ("receivers:\n- name: a\n  type: slak\n", 3, "receivers.0.type: "),
        ("receivers:\n- name: a\n  type: email\n  to: [a@b, 7]\n", 4, "receivers.0.to.1: "),
        (
            "receivers:\n- {name: a, type: apprise, url: x}\n- {name: a, type: apprise, url: y}\n",
            1,
            "2 receivers are called a",
        ),
        # What is wrong with several settings together names the one to mend.
        (
            "group: x\nroute:\n  repeat_interval: 4h\n  receivers: [nobody]\n",
            4,
            "setting route.receivers: there is no",
        ),
        ("partitions: 3\ngroup: x\npartitions: 4\n", 3, "setting partitions is there twice"),
        ("brands:\n- name: a\n  7: b\n", 3, "put this one in quotes"),
        ("group: x\n? [a]\n: b\n", 2, "put this one in quotes"),
        ("group: x\n_cli_parse_args: true\n", 2, "begin with a letter"),
        ("group: x\nbrands: [{]\n", 2, "no YAML"),
        ("group: x\n---\ngroup: y\n", 2, "no YAML: but found another document"),
        ("- a\n", 1, "no settings"),
        ("just words", 1, "no settings"),
        # What another part of the file lends is told where it is written.
        ("group: &a\n  name: A\n  language: tlh\nbrands:\n- *a\n", 1, "setting group"),
    ],
)
def test_file_line_and_field_are_named(text: str, line: int, says: str, tmp_path: Path) -> None:
    path = tmp_path / "groundswell.yaml"
    told = refused(text, path)
    assert told.startswith(f"{path}:{line}: ")
    assert says in told


def test_a_merged_part_is_told_where_it_is_written() -> None:
    text = "a:\n  b: &b\n    c: 1\nd:\n  <<: *b\n  e: 2\n"
    root = yaml.compose(text)
    assert (line_of(root, ("d", "c")), line_of(root, ("d", "e"))) == (3, 6)
    assert line_of(root, ("d", "nothing")) == 4
    assert line_of(root, ("nothing",)) is None


def test_a_merge_is_no_name_given_twice() -> None:
    text = b"a: &a {b: 1}\nc: &c {d: 2}\ne: {<<: [*a, *c], b: 3}\n"
    assert parse_config(text, FILE)["e"] == {"b": 3, "d": 2}


def test_a_document_that_holds_itself() -> None:
    with pytest.raises(ValidationError):
        FileSettings(**parse_config(b"brands: &a\n- *a\n", FILE))


def test_a_document_nested_beyond_all_measure() -> None:
    with pytest.raises(SettingsError, match="nested"):
        parse_config(b"[" * 100_000, FILE)


@pytest.mark.parametrize(
    "text",
    [
        f"receivers:\n- url: '{SECRET}\n- b: [",
        f"receivers: *{SECRET}\n",
        f"receivers: !{SECRET} x\n",
        f"receivers: !!python/name:{SECRET}\n",
        f"receivers:\n- {{name: a, url: 'https://x.com', secret: '{SECRET}!'}}\n",
        f"receivers:\n- {{name: a, type: slack, url: '{SECRET}'}}\n",
        f"receivers:\n- {{name: a, type: pagerduty, routing_key: [{SECRET}]}}\n",
        f"clickhouse: [{SECRET}]\n",
        f"{SECRET}\n",
        f"{SECRET}: x: y\n",
        f"receivers: {SECRET}\n",
        f"receivers:\n- {SECRET}\n",
        f"page_url: {SECRET}\nkafka: %{SECRET}\n",
        f"page_url: @{SECRET}\n",
    ],
)
def test_no_error_shows_a_secret(text: str, tmp_path: Path) -> None:
    assert SECRET[6:20] not in refused(text, tmp_path / "groundswell.yaml")


def test_what_the_environment_sets_is_told_by_its_variable() -> None:
    with pytest.raises(ValidationError) as caught:
        FileSettings(partitions=0)
    what = "setting partitions: Input should be greater than or equal to 1"
    assert problem_of(caught.value) == what
    assert problem_of(caught.value, FILE, ["GROUNDSWELL_DATA"]) == f"{FILE}: {what}"
    for name in ("GROUNDSWELL_PARTITIONS", "Groundswell_Partitions__X"):
        assert problem_of(caught.value, FILE, ["A", name]) == f"{name}: {what}"


def test_further_problems_are_counted(tmp_path: Path) -> None:
    told = refused("partitions: 0\nreplication: 0\nbrnds: []\n", tmp_path / "groundswell.yaml")
    assert told.endswith("(and 2 more)")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is a directory"):
        read_config(tmp_path)
    (tmp_path / "utf16").write_bytes(b"\xff\xfea\x00\x00\xd8")
    (tmp_path / "null").write_bytes(b"a: \0")
    for name in ("utf16", "null"):
        with pytest.raises(SettingsError, match=f"{name}: no YAML: "):
            read_config(tmp_path / name)


def test_an_empty_file() -> None:
    assert parse_config(b"# nothing yet\n", FILE) == {}
