"""`groundswell correct`: labels that people give, kept for learning."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import get_args

import msgspec
from msgspec import Struct

from infra.corrections import Correction, id_of_text, post_texts, write_corrections
from infra.store import Store
from processors.labelled import DataError
from processors.records import MAX_TEXT_BYTES, Label
from streams.failures import UsageError


class Given(Struct, frozen=True, kw_only=True):
    """A line of a file of corrections: about a stored post, or about a text."""

    label: Label
    post_id: str = ""
    text: str = ""
    language: str = ""  # of the text, ISO 639-1; found out where it is left out


def given_label(post_id: str, label: str) -> Given:
    """Return what the words of the command say; UsageError for a label that is none."""
    if label not in get_args(Label):
        raise UsageError(f"{label!r} is no label; there are {', '.join(get_args(Label))}")
    return msgspec.convert({"post_id": post_id, "label": label}, Given)


def read_given(path: Path) -> list[Given]:
    """Return the lines of a JSONL file; DataError, naming the line, if one cannot be read."""
    decoder = msgspec.json.Decoder(Given)
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            one = decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: line {number}: {error}") from error
        if bool(one.post_id) is bool(one.text):
            raise DataError(f"{path}: line {number}: name either post_id or text")
        if len(one.text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
            raise DataError(f"{path}: line {number}: text of more than {MAX_TEXT_BYTES} bytes")
        found.append(one)
    if not found:
        raise DataError(f"{path}: holds no corrections")
    return found


def keep(store: Store, given: Sequence[Given], *, by: str, note: str, at: datetime) -> int:
    """Keep corrections, all or none, and return how many. UsageError for a post nobody stored."""
    ids = [one.post_id for one in given if one.post_id]
    known = post_texts(store, list(dict.fromkeys(ids)))
    for post_id in ids:
        if post_id not in known:
            raise UsageError(f"no post {post_id}: ids are SOURCE:NATIVE_ID, as on the page")
    rows = {
        row.post_id: row for row in (_correction(one, by=by, note=note, at=at) for one in given)
    }
    write_corrections(store, list(rows.values()))
    return len(rows)


def _correction(given: Given, *, by: str, note: str, at: datetime) -> Correction:
    text = given.text
    return Correction(
        post_id=given.post_id or id_of_text(text),
        label=given.label,
        text=text,
        language=(given.language or _language_of(text)) if text else "",
        by=by,
        note=note,
        at=at,
    )


def _language_of(text: str) -> str:
    from processors.language import LanguageDetector

    return LanguageDetector().detect(text)
