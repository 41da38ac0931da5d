"""The files of the page, without a browser: small, no markup made of words, two languages."""

import re
from pathlib import Path

from tests.page_fixture import STATIC

SCRIPTS = sorted(STATIC.glob("*.js"))
LINKED = re.compile(r'="/static/([^"]+)"')
IMPORTED = re.compile(r'^import .*"\./([^"]+)";$', re.MULTILINE)
KEY = re.compile(r'^  "([^"]+)": ', re.MULTILINE)


def words(language: str) -> dict[str, str]:
    text = (STATIC / f"words_{language}.js").read_text(encoding="utf-8")
    found = KEY.findall(text)
    assert len(found) == len(set(found)), "a word is there twice"
    lines = [line for line in text.splitlines() if KEY.match(line)]
    return dict(zip(found, lines, strict=True))


def loaded(view: str) -> set[Path]:
    """What a browser reads to show a view that is opened first, nothing of it compressed."""
    page = STATIC / "index.html"
    wanted = [STATIC / name for name in LINKED.findall(page.read_text(encoding="utf-8"))]
    found = {page}
    for path in (*wanted, STATIC / f"{view}.js"):
        waiting = [path]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                text = one.read_text(encoding="utf-8") if one.suffix == ".js" else ""
                waiting += [STATIC / name for name in IMPORTED.findall(text)]
    return found


def test_whatever_is_opened_first_is_small() -> None:
    for view in ("overview", "brand", "incident", "backtest", "health", "label"):
        files = loaded(view)
        assert len(files) > 20
        assert sum(path.stat().st_size for path in files) < 250_000, view


def test_the_first_screen_is_small_and_named_in_the_document() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    first = {STATIC / name for name in re.findall(r'"/static/([^"]+)"', page)}
    assert sum(path.stat().st_size for path in (STATIC / "index.html", *first)) < 250_000
    asked = {STATIC / "app.js", STATIC / "overview.js"}
    while more := {STATIC / name for path in asked for name in imports(path)} - asked:
        asked |= more
    assert asked - first == set()  # else they are found one after the other


def imports(path: Path) -> list[str]:
    return re.findall(r'^import .*?"\./([^"]+)";$', path.read_text("utf-8"), re.M | re.S)


def test_what_is_first_drawn_is_first_asked_for() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    places = [page.index(f'"/static/{name}"') for name in ("theme.js", "app.css", "app.js")]
    assert places == sorted(places)
    assert places[1] < page.index("modulepreload")


def test_no_script_makes_markup_of_words() -> None:
    makes = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    )
    assert [path.name for path in SCRIPTS if makes.search(path.read_text(encoding="utf-8"))] == []


def test_nothing_inline_and_nothing_from_elsewhere() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=|https?://", page) == []
    sheet = (STATIC / "app.css").read_text(encoding="utf-8")
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    english, chinese = words("en"), words("zh")
    assert english.keys() == chinese.keys()
    gaps = re.compile(r"\{\w+\}")
    for name, line in english.items():
        assert set(gaps.findall(chinese[name])) == set(gaps.findall(line)), name


def test_every_word_that_is_said_is_known_and_every_known_one_is_said() -> None:
    known = words("en").keys()
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in SCRIPTS if not path.name.startswith("words_")
    )
    said = set(re.findall(r'\bt\("([^"]+)"', text))
    assert said <= known
    groups = set(re.findall(r'word\("(\w+)"', text)) | set(re.findall(r"t\(`([\w.]+)\.\$", text))
    loose = {
        name
        for name in known
        if f'"{name}"' not in text and not any(name.startswith(f"{one}.") for one in groups)
    }
    assert {name for name in loose if not name.endswith(".mark")} == set()


def test_the_licence_of_the_charts_is_with_them() -> None:
    licence = STATIC / "vendor" / "uplot" / "LICENSE"
    assert "MIT" in licence.read_text(encoding="utf-8")
    assert Path(licence.with_name("uPlot.iife.min.js")).is_file()
