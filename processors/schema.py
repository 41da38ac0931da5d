"""JSON Schema of a message of `posts.raw`, made from the records, so that the two cannot differ.

`python -m processors.schema > infra/schemas/posts.raw.json` writes the committed file.
"""

import sys
from typing import Annotated, Any

import msgspec

from processors.decode import MAX_ITEMS
from processors.records import RawPost

Posts = Annotated[list[RawPost], msgspec.Meta(max_length=MAX_ITEMS)]


def message_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of one message: a post, or an array of posts.

    It says what a schema can. `processors.decode` also refuses times outside 2000 to 2199, text
    of more than 64 KiB once in UTF-8, blank ids, half surrogate pairs.
    """
    schema = msgspec.json.schema(RawPost | Posts)
    for name in ("observed_at", "received_at"):
        # msgspec names the format only where a time must have a zone; decode demands one
        for kind in schema["$defs"]["RawPost"]["properties"][name]["anyOf"]:
            if kind == {"type": "string"}:
                kind["format"] = "date-time"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "posts.raw",
        **schema,
    }


def main() -> None:
    """Print the schema."""
    text = msgspec.json.format(msgspec.json.encode(message_schema()), indent=2)
    sys.stdout.write(text.decode() + "\n")


if __name__ == "__main__":
    main()
