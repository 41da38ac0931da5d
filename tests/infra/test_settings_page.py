"""The page of settings is what the settings are, and says something of each."""

import re
from pathlib import Path

from infra.config_watch import FOLLOWED
from infra.settings import SET_BY_THE_PROGRAM, Settings
from infra.settings_page import models, page, said_of

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "configuration.md").read_text(encoding="utf-8")


def test_the_page_is_current() -> None:
    assert page() == PAGE


def test_what_is_followed_is_said() -> None:
    followed = re.search(r"the file is followed for (.*?):", PAGE, re.DOTALL)
    assert followed is not None
    assert re.findall(r"`(\w+)`", followed[1]) == list(FOLLOWED)


def test_every_setting_has_a_row_with_its_default() -> None:
    table = PAGE.split("\n## ")[0]
    rows = dict(re.findall(r"^\| `GROUNDSWELL_(\w+)` \| [^|]* \| ([^|]*) \|", table, re.MULTILINE))
    shown = {name.lower(): default.strip().strip("`") for name, default in rows.items()}
    assert shown.keys() == Settings.model_fields.keys() - SET_BY_THE_PROGRAM
    assert (shown["partitions"], shown["kafka"], shown["model"]) == ("1", "", "auto")
    for name in SET_BY_THE_PROGRAM:
        assert f"`GROUNDSWELL_{name.upper()}`" in table


def test_something_is_said_of_every_field() -> None:
    every = [Settings, *(model for _, model in models())]
    assert len(every) > 25
    silent = [
        f"{model.__name__}.{name}"
        for model in every
        for name in model.model_fields
        if name != "type" and not said_of(model, name)
    ]
    assert silent == []


def test_no_secret_has_a_default() -> None:
    for line in PAGE.splitlines():
        cells = line.split(" | ")
        assert len(cells) < 3 or cells[1] != "secret" or cells[2] in {"", "required"}
