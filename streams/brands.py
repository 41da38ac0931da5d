"""`groundswell brands check` and `list`: what finds each brand, in words, and what is doubtful."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from pydantic import ValidationError

from infra.brands import Brand
from infra.config_file import read_config, what_is_wrong
from processors.query import Words, plain, walk
from processors.query_doubts import doubts
from processors.query_explain import explain
from processors.watched import check, version
from streams.failures import UsageError


class Checked(Struct, frozen=True, kw_only=True):
    """What was found out about one brand."""

    name: str
    version: str = ""  # empty: it can't be followed
    words: tuple[str, ...] = ()  # lines
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def brands_in(path: Path) -> list[Any]:
    """The brands of a file of settings, as they stand there. Raises SettingsError, UsageError."""
    held = read_config(path).get("brands", [])
    if not isinstance(held, list):
        raise UsageError(f"{path}: brands is no list: write `- name: NAME` lines below it")
    return held


def checked(raw: Sequence[Any]) -> list[Checked]:
    """All brands, also after one that can't be followed."""
    found = [_one(number, brand) for number, brand in enumerate(raw)]
    names = [one.name for one in found]
    by_version: dict[str, list[str]] = {}
    for one in found:
        by_version.setdefault(one.version, []).append(one.name)
    return [_beside(one, names, by_version, brand) for one, brand in zip(found, raw, strict=True)]


def check_text(found: Sequence[Checked]) -> str:
    """A block a brand, and a last line that says how many need work."""
    blocks = ["\n".join(_block(one)) for one in found]
    wrong = sum(bool(one.errors) for one in found)
    doubtful = sum(bool(one.warnings) for one in found)
    blocks.append(
        f"{len(found)} brands: {wrong} with errors, {doubtful} with warnings"
        if found
        else "no brands: list them under `brands:`, each with its `name`"
    )
    return "\n\n".join(blocks)


def as_json(found: Sequence[Checked]) -> str:
    """An array of objects."""
    return json.dumps(
        [{f: getattr(one, f) for f in one.__struct_fields__} for one in found], ensure_ascii=False
    )


def listed(brands: Sequence[Brand]) -> list[dict[str, Any]]:
    """What finds each brand, as settings name it."""
    return [
        {
            "name": brand.name,
            "version": version(brand.watched),
            "query": brand.query,
            "aliases": list(brand.aliases),
            "exclude": brand.exclude if isinstance(brand.exclude, str) else list(brand.exclude),
            "languages": list(brand.languages),
            "competitors": list(brand.competitors),
        }
        for brand in brands
    ]


def list_text(brands: Sequence[Mapping[str, Any]]) -> str:
    """A line a brand."""
    if not brands:
        return "no brands: list them under `brands:` in the file that GROUNDSWELL_CONFIG names"
    wide = max(len(brand["name"]) for brand in brands)
    return "\n".join(f"{b['name']:<{wide}}  {b['version']}  {_found_by(b)}" for b in brands)


def _found_by(brand: Mapping[str, Any]) -> str:
    words = [brand["query"] or brand["name"], *brand["aliases"]]
    told = [" | ".join(words)]
    if brand["exclude"]:
        some = brand["exclude"]
        told.append(f"without {some if isinstance(some, str) else ' | '.join(some)}")
    if brand["languages"]:
        told.append(f"in {', '.join(brand['languages'])}")
    return "; ".join(told)


def _one(number: int, raw: Any) -> Checked:
    named = isinstance(raw, dict) and raw.get("name")
    name = str(named) if named else f"brand {number + 1}"
    try:
        brand = Brand.model_validate(raw)
    except ValidationError as error:
        return Checked(name=name, errors=tuple(_problems(error)))
    node = check(brand.watched)
    found = doubts(node)
    warnings = [doubt.text for doubt in found if not doubt.is_fatal]
    name = plain(brand.name)
    if not any(name in part.text for part in walk(node) if isinstance(part, Words)):
        warnings.append(f"the name {brand.name} itself is not looked for: the query decides")
    return Checked(
        name=brand.name,
        version=version(brand.watched),
        words=tuple(explain(node)),
        errors=tuple(doubt.text for doubt in found if doubt.is_fatal),
        warnings=tuple(warnings),
    )


def _problems(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in one["loc"])
        said = what_is_wrong(one["type"], one["msg"])
        yield f"{place}: {said}" if place else said


def _beside(
    one: Checked, names: Sequence[str], by_version: Mapping[str, Sequence[str]], raw: Any
) -> Checked:
    """With what is to be said of it beside the others."""
    errors, warnings = list(one.errors), list(one.warnings)
    if names.count(one.name) > 1:
        errors.append("another brand has the same name")
    competitors = raw.get("competitors") if isinstance(raw, dict) else None
    for other in competitors if isinstance(competitors, list) else ():
        if other == one.name or other not in names:
            errors.append(f"competitor {other!r} is no other brand here")
    same = [name for name in by_version[one.version] if name != one.name]
    if one.version and same:
        warnings.append(f"finds the same posts as {', '.join(same)}")
    return Checked(
        name=one.name,
        version=one.version,
        words=one.words,
        errors=tuple(errors),
        warnings=tuple(warnings),
    )


def _block(one: Checked) -> Iterator[str]:
    yield f"{one.name}  ({one.version or 'not followed'})"
    yield from (f"  {line}" for line in one.words)
    yield from (f"  error: {each}" for each in one.errors)
    yield from (f"  warning: {each}" for each in one.warnings)
