"""docs/configuration.md, made from the settings:
`python -m infra.settings_page > docs/configuration.md`."""

import re
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from infra.config_file import PREFIX
from infra.settings import SET_BY_THE_PROGRAM, Settings

HEAD = """# Settings

Made by `python -m infra.settings_page` from the settings themselves.

A setting comes from the environment (`GROUNDSWELL_` and its name in capitals; `__` between a
name and a field inside it), else from the file of its name in the folder that
`GROUNDSWELL_SECRETS` names (such as `groundswell_author_key`), else from the YAML file that
`GROUNDSWELL_CONFIG` names (its name in small letters), else it is the default.
[groundswell.example.yaml](../groundswell.example.yaml) is a file to begin with. A secret in the
file is best given as `{env: NAME}` or `{file: PATH}`. A setting that does not exist is an
error, with its line.

While the line runs, the file is followed for `brands`, `receivers`, `route`, `allow_hosts`,
`page_url` and `page`: what changes counts a few seconds later, and a broken file is refused,
with its line, while the old one stays.
"""
FOOT = """## Not a setting

Refine remembers the newest 50,000 posts and finds what repeats them; their memory is bounded at
45 MB (measured; 0.65 KB a post, 640 MB for a million), that of what was read in 16,384 texts at
20 MB.
"""
WORDS: dict[object, str] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
    SecretStr: "secret",
    datetime: "time",
    timedelta: "duration, such as `5m`",
}


def page() -> str:
    """The whole page."""
    ours = [f"`{PREFIX}{name.upper()}`" for name in sorted(SET_BY_THE_PROGRAM)]
    parts = [HEAD, _table(Settings, prefix=PREFIX)]
    parts.append(f"\nSet by the program itself: {', '.join(ours)}.\n")
    for place, model in models():
        parts.append(f"## {place}\n\n{_linked(model.__doc__ or '')}\n\n{_table(model)}\n")
    return "\n".join([*parts, FOOT])


def said_of(model: type[BaseModel], name: str) -> str:
    """What the nearest base that says anything of a field says of it."""
    bases = [base for base in model.__mro__ if issubclass(base, BaseModel)]
    fields = [base.model_fields[name] for base in bases if name in base.model_fields]
    return next((field.description for field in fields if field.description), "")


def models(model: type[BaseModel] = Settings) -> Iterator[tuple[str, type[BaseModel]]]:
    """Every model inside, once, with where it stands: `brands[].events[]`."""
    return _models(model, "", set())


def _table(model: type[BaseModel], *, prefix: str = "") -> str:
    lines = ["| name | takes | default | |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        if model is Settings and name in SET_BY_THE_PROGRAM:
            continue
        shown = f"{prefix}{name}".upper() if prefix else field.alias or name
        cells = (f"`{shown}`", _takes(field), _default(field), _linked(said_of(model, name)))
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines)


def _takes(field: FieldInfo) -> str:
    return f"{_words(field.annotation)}{_bounds(field.metadata)}"


def _words(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words(inner[0])
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in inner)
    if origin in (Union, UnionType):
        some = dict.fromkeys(_words(one) for one in inner if one is not type(None))
        return " or ".join(some)
    if origin is tuple:
        return f"list of {_words(inner[0])}"
    if origin is dict:
        return "names and values"
    return WORDS.get(annotation, "fields, below")


def _bounds(metadata: list[Any]) -> str:
    """In words; what a value may be between stands together."""
    found = {type(one): one for one in metadata}
    match found.get(Ge), found.get(Gt), found.get(Le), found.get(MinLen), found.get(MaxLen):
        case Ge(ge=least), None, Le(le=most), _, _:
            return f", {least:,} to {most:,}"
        case Ge(ge=least), None, None, _, _:
            return f", {least:,} or more"
        case None, Gt(gt=least), Le(le=most), _, _:
            return f", above {least:,} and at most {most:,}"
        case None, None, None, MinLen(min_length=least), MaxLen(max_length=most):
            return f", {least:,} to {most:,} long"
        case None, None, None, MinLen(min_length=least), None:
            return f", at least {least:,} long"
        case _:
            return ""


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "required" if field.default_factory is None else ""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, BaseModel) or value in ((), "", None, {}):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    some = value if isinstance(value, tuple) else (value,)
    return ", ".join(f"`{one}`" for one in some)


def _linked(words: str) -> str:
    flat = " ".join(words.split())
    return re.sub(r"docs/([\w-]+\.md)", r"[\1](\1)", flat)


def _models(
    model: type[BaseModel], place: str, seen: set[type[BaseModel]]
) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in model.model_fields.items():
        known = f"{place}.{field.alias or name}" if place else field.alias or name
        many = "[]" if "tuple" in str(field.annotation).split("[")[0].lower() else ""
        for inner in _inside(field.annotation):
            if inner in seen:
                continue
            seen.add(inner)
            kind = inner.model_fields.get("type")
            which = "".join(map(str, get_args(kind.annotation))) if kind else ""
            yield f"`{known}{many}`{f' of type `{which}`' if which else ''}", inner
            yield from _models(inner, f"{known}{many}", seen)


def _inside(annotation: Any) -> Iterator[type[BaseModel]]:
    if _is_model(annotation):
        yield annotation
    for one in get_args(annotation):
        yield from _inside(one)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


if __name__ == "__main__":
    sys.stdout.write(page())
