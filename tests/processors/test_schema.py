import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

import infra
from processors.decode import MAX_ITEMS, decode
from processors.records import DeadLetter, RawErasure, RawPost
from processors.schema import main, message_schema

COMMITTED = Path(infra.__file__).parent / "schemas" / "posts.raw.json"
POST: dict[str, Any] = {
    "source": "bluesky",
    "native_id": "1",
    "text": "late again",
    "published_at": "2026-03-01T11:59:00Z",
}
DELETE: dict[str, Any] = {"kind": "delete", "source": "bluesky", "native_id": "1"}
GONE: dict[str, Any] = {"kind": "account_delete", "source": "bluesky", "author": "ann"}


def test_the_committed_file_is_current(capsys: pytest.CaptureFixture[str]):
    main()
    assert COMMITTED.read_text() == capsys.readouterr().out


def test_it_is_a_schema_that_names_every_field():
    schema = message_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    post = schema["$defs"]["RawPost"]
    assert set(post["properties"]) == set(RawPost.__struct_fields__)
    assert set(post["required"]) == set(POST)
    for name in ("published_at", "observed_at", "received_at", "edited_at"):
        assert "date-time" in json.dumps(post["properties"][name])
    erasure = schema["$defs"]["RawErasure"]
    assert set(erasure["properties"]) == set(RawErasure.__struct_fields__)
    assert set(erasure["required"]) == {"kind", "source"}
    assert "date-time" in json.dumps(erasure["properties"]["at"])


GOOD: list[Any] = [
    POST,
    [],
    [POST],
    [POST, POST | {"native_id": "2"}],
    POST | {"likes": 5},
    POST | {"text": ""},
    POST | {"text": "nul \0 and 😡"},
    POST | {"published_at": "3000-01-01T00:00:00Z"},
    POST | {"observed_at": None, "received_at": "2026-03-01T12:00:00+08:00"},
    POST | {"brands": ["acme"], "followers": 2**53, "author": "ann", "repost_of": "0"},
    POST | {"feed": "file/a", "position": 0},
    POST | {"kind": "post", "backfill": True},
    POST | {"kind": "edit", "edited_at": "2026-03-01T12:30:00Z", "text": ""},
    DELETE,
    GONE | {"at": "2026-03-01T12:30:00+01:00", "feed": "f", "position": 3},
    [POST, DELETE, GONE, POST | {"kind": "edit"}],
]
BAD: list[Any] = [
    5,
    None,
    "post",
    {},
    [5],
    [POST, 5],
    [POST] * (MAX_ITEMS + 1),
    *[{k: v for k, v in POST.items() if k != name} for name in POST],
    *[POST | {name: 5} for name in POST],
    POST | {"text": "a" * 1_000_000},
    POST | {"native_id": ""},
    POST | {"source": "a b"},
    POST | {"followers": -1},
    POST | {"followers": "many"},
    POST | {"brands": [""]},
    POST | {"brands": ["a"] * 65},
    POST | {"observed_at": 5},
    POST | {"position": -2},
    POST | {"kind": "poem"},
    POST | {"kind": "delete", "source": "a b"},
    POST | {"kind": "edit", "edited_at": 5},
    {**DELETE, "kind": "account_delete"},
    {**GONE, "kind": "delete"},
    DELETE | {"native_id": ""},
    GONE | {"author": ""},
    GONE | {"author": 5},
    GONE | {"at": 5},
    {"kind": "delete", "native_id": "1"},
    [POST, DELETE | {"native_id": 7}],
]


@pytest.mark.parametrize(("message", "good"), [(m, True) for m in GOOD] + [(m, False) for m in BAD])
def test_it_says_what_decode_does(message: Any, good: bool):
    validator = jsonschema.Draft202012Validator(json.loads(COMMITTED.read_text()))
    assert validator.is_valid(message) is good
    records = decode(
        msgspec.json.encode(message),
        arrived_at=datetime(2026, 3, 1, tzinfo=UTC),
        feed="posts.raw/0",
        position=0,
    )
    assert any(isinstance(record, DeadLetter) for record in records) is not good
