"""JSON Schema of a message of `posts.raw`, made from the records, so that the two cannot differ.

`python -m processors.schema > infra/schemas/posts.raw.json` writes the committed file.
"""

import sys
from typing import Any, Final

import msgspec

from processors.decode import MAX_ITEMS
from processors.records import RawErasure, RawPost

NEEDED: Final = {"delete": "native_id", "account_delete": "author"}
"""What each kind of erasure has to name."""


def message_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of one message: a post, an erasure, or an array of such.

    It says what a schema can. `processors.decode` also refuses times outside 2000 to 2199, text
    of more than 64 KiB once in UTF-8, blank ids, half surrogate pairs, names with control
    characters.
    """
    items, found = msgspec.json.schema_components([RawPost, RawErasure])
    for record, names in (
        ("RawPost", ("observed_at", "received_at", "edited_at")),
        ("RawErasure", ("at",)),
    ):
        for name in names:
            # msgspec names the format only where a time must have a zone; decode demands one
            for kind in found[record]["properties"][name]["anyOf"]:
                if kind == {"type": "string"}:
                    kind["format"] = "date-time"
    found["RawErasure"]["allOf"] = [_needs(kind, name) for kind, name in NEEDED.items()]
    any_of = list(items)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "posts.raw",
        "anyOf": [*any_of, {"type": "array", "items": {"anyOf": any_of}, "maxItems": MAX_ITEMS}],
        "$defs": found,
    }


def _needs(kind: str, name: str) -> dict[str, Any]:
    return {
        "if": {"properties": {"kind": {"const": kind}}},
        "then": {"required": [name], "properties": {name: {"minLength": 1}}},
    }


def main() -> None:
    """Print the schema."""
    text = msgspec.json.format(msgspec.json.encode(message_schema()), indent=2)
    sys.stdout.write(text.decode() + "\n")


if __name__ == "__main__":
    main()
