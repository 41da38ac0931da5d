"""The key of authors' pseudonyms: from the settings, else one of the data folder's own."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from pydantic_settings import SettingsError

from infra.settings import Settings

KEY_FILE: Final = "author.key"


def author_key(settings: Settings) -> bytes:
    """The key under which authors are stored; empty where they are stored as they are.

    The embedded line makes a random one once and keeps it in its data folder: whoever loses it
    meets every author as a new one. Processes that use one server must be given the same key.
    Raises SettingsError where it has to be given and is not, OSError where it cannot be kept.
    """
    if settings.authors == "plain":
        return b""
    given = settings.author_key.get_secret_value()
    if given:
        return given.encode()
    if settings.clickhouse:
        raise SettingsError(
            "GROUNDSWELL_AUTHOR_KEY is not set: give every process the same long random text, "
            "which authors are stored under, or set GROUNDSWELL_AUTHORS=plain"
        )
    path = settings.data / KEY_FILE
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return _made(path)


def present_key(settings: Settings) -> bytes:
    """As `author_key`, for who only reads: empty where none was given or made yet.

    Raises OSError where it is there and cannot be read.
    """
    if settings.authors == "plain":
        return b""
    given = settings.author_key.get_secret_value()
    if given or settings.clickhouse:
        return given.encode()
    with suppress(FileNotFoundError):
        return (settings.data / KEY_FILE).read_bytes()
    return b""


def _made(path: Path) -> bytes:
    """A new key at `path`, or the one that another process was faster to put there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=KEY_FILE) as file:  # 0600
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
        # A link appears whole or not at all, and never in the place of another.
        with suppress(FileExistsError):
            os.link(file.name, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return path.read_bytes()
