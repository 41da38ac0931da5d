"""The file of settings: read, and what is wrong in it told by file, line and field.

Nothing that is told shows what the file holds, but for names of fields: it may be a secret.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_settings import SettingsError

PREFIX = "GROUNDSWELL_"
MERGE = "<<"
TAGGED = "receivers"
"""Its items are of a type each, which pydantic puts into the place of an error after the number."""
PLAIN = {
    "extra_forbidden": "there is no such setting; docs/configuration.md lists all",
    "tuple_type": "a list is wanted, such as [a, b]",
    "model_type": "fields are wanted, NAME: VALUE lines",
    "path_type": "a text is wanted",
}
"""Where pydantic's words are about Python."""

# A check of several settings together names by its first word the one that has to be mended.
_NAMED = re.compile(r"([a-z_]+(?:\.[a-z0-9_]+)*): ")
_UNREAD = re.compile(r'error parsing value for field "(\w+)" from source "EnvSettingsSource"')
NO_TEXT = (":int", ":float", ":bool", ":null", ":timestamp")
_QUOTED = re.compile(r"(['\"])(?!<)[^'\"]{2,}\1")  # names of parts of YAML are '<block end>'


def read_config(path: Path) -> dict[str, Any]:
    """What the file holds. Raises SettingsError, with file and line, if it can hold no settings."""
    try:
        text = path.read_bytes()
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise SettingsError(f"{path}: {why}") from None
    return parse_config(text, path)


def parse_config(text: bytes, path: Path) -> dict[str, Any]:
    """As `read_config`, of a file whose bytes are at hand; `path` is what errors name."""
    try:
        root = _compose(text)
        if root is None:
            return {}
        if not isinstance(root, yaml.MappingNode):
            raise SettingsError(f"{path}:{_line(root)}: no settings: write NAME: VALUE lines")
        for key, why in _bad_keys(root):
            raise SettingsError(f"{path}:{_line(key)}: {why}")
        held: dict[str, Any] = _construct(root)
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}{_where(error)}: no YAML: {_why(error)}") from None
    except RecursionError:
        raise SettingsError(f"{path}: nested too deeply, or in itself") from None
    return held


def problem_of(
    error: ValidationError, path: Path | None = None, variables: Iterable[str] = ()
) -> str:
    """The first problem in one line: where it is set, which field, what is wrong with it.

    `path` is the file that was read, if any; what one of the environment's `variables` sets is told
    by its name.
    """
    problems = error.errors(include_url=False, include_input=False)
    first = problems[0]
    place, said = _untagged(first["loc"]), what_is_wrong(first["type"], first["msg"])
    if first["type"] == "union_tag_invalid":
        place = (*place, "type")
    if not place and (named := _NAMED.match(said)):
        place = tuple(int(part) if part.isdecimal() else part for part in named[1].split("."))
        said = said[named.end() :]
    field = ".".join(map(str, place))
    variable = variable_of(str(place[0]), variables) if place else ""
    where = f"{variable}: " if variable else _in_file(place, path) if path else ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    what = f"setting {field}: " if field else ""
    return f"{where}{what}{said}{more}"


def what_is_wrong(kind: str, words: str) -> str:
    """What a person is told of one of pydantic's errors, by its type and its message.

    >>> what_is_wrong("tuple_type", "Input should be a valid tuple")
    'a list is wanted, such as [a, b]'
    """
    return PLAIN.get(kind, words.removeprefix("Value error, "))


def told_of(error: SettingsError) -> str:
    """Its words; of a variable that holds no JSON, the variable's name and that."""
    unread = _UNREAD.match(str(error))
    return f"{PREFIX}{unread[1].upper()}: no JSON" if unread else str(error)


def line_of(root: yaml.Node | None, place: Sequence[int | str]) -> int | None:
    """The line, from 1, of the part of a YAML document at `place`, or of what should hold it."""
    node, line = root, None
    for part in place:
        if isinstance(node, yaml.MappingNode):
            entry = next((e for e in _entries(node) if e[0].value == str(part)), None)
            if entry is not None:
                line, node = _line(entry[0]), entry[1]
        elif isinstance(node, yaml.SequenceNode) and part in range(len(node.value)):
            node = node.value[int(part)]
            line = _line(node)
    return line


def variable_of(field: str, variables: Iterable[str]) -> str:
    """Which of the environment's variables sets a field, or a part of it; empty if none does."""
    name = f"{PREFIX}{field}".upper()
    return next((v for v in variables if v.upper().split("__")[0] == name), "")


def _compose(text: bytes) -> yaml.Node | None:
    loader = yaml.SafeLoader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _construct(root: yaml.Node) -> Any:
    return yaml.SafeLoader("").construct_document(root)


def _entries(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Keys and values, the node's own before those that it merges in."""
    yield from (entry for entry in node.value if entry[0].value != MERGE)
    for _, value in (entry for entry in node.value if entry[0].value == MERGE):
        for inner in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if isinstance(inner, yaml.MappingNode):
                yield from _entries(inner)


def _bad_keys(root: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    """Keys that are no names, or that a mapping has twice: YAML itself would take the last."""
    waiting, seen = [root], set[int]()  # an alias leads to a node again, or round and round
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
            continue
        known = set[str]()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag.endswith(NO_TEXT):
                yield key, "names of settings are text: put this one in quotes"
            elif key.value.startswith("_"):  # such words mean something to pydantic
                yield key, "names of settings begin with a letter"
            elif key.value in known:
                yield key, f"setting {key.value} is there twice"
            known.add(str(key.value))
            waiting.append(value)


def _untagged(place: Sequence[int | str]) -> tuple[int | str, ...]:
    tagged = len(place) > 2 and place[0] == TAGGED and isinstance(place[2], str)
    return (*place[:2], *place[3:]) if tagged else tuple(place)


def _in_file(place: Sequence[int | str], path: Path) -> str:
    try:
        line = line_of(_compose(path.read_bytes()), place)
    except (OSError, yaml.YAMLError, RecursionError):  # it changed meanwhile
        line = None
    return f"{path}:{line}: " if line else f"{path}: "


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return f":{mark.line + 1}" if mark else ""


def _why(error: yaml.YAMLError) -> str:
    """What is wrong, without what the file holds."""
    told = getattr(error, "problem", None) or getattr(error, "context", None)
    told = told or getattr(error, "reason", None) or "cannot be read"
    return _QUOTED.sub("…", str(told))
