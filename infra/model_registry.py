"""Which model of those learnt from corrections is live: `<data>/models/<version>/`, `active.json`.

`active.json` holds the versions that went live, the last one on top; taking it off goes back to the
one below, and below all of them is the shipped model. It is replaced whole, so whoever looks sees
the old state or the new one. Workers on several machines need the folder on a shared disk.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from processors.model_card import CARD_FILE
from processors.score import ModelError

ACTIVE_FILE: Final = "active.json"
MODELS: Final = "models"
FOLLOWS: Final = ("auto", "english")
"""The settings of `model` that mean the live model, and not always the same one."""


class _Active(Struct, frozen=True):
    stack: tuple[str, ...] = ()


class Registry:
    """The models in a data folder. Nothing is written before the first `add`."""

    def __init__(self, data: Path) -> None:
        self.folder = data / MODELS
        self._file = self.folder / ACTIVE_FILE

    def history(self) -> tuple[str, ...]:
        """Return the versions that went live and were not rolled back, oldest first; ModelError."""
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return ()
        try:
            return msgspec.json.decode(content, type=_Active).stack
        except msgspec.MsgspecError as error:
            raise ModelError(f"{self._file}: damaged: {error}; delete it") from error

    def active(self) -> Path | None:
        """Return the folder of the live model, None for the shipped one; ModelError."""
        stack = self.history()
        return self.folder / stack[-1] if stack else None

    def active_from(self, parent: str) -> Path | None:
        """Return the folder of the live model if it was corrected from version `parent`.

        A newer shipped model is not held back by corrections of an older one: they are learnt anew.
        """
        folder = self.active()
        return folder if folder is not None and _parent(folder.name) == parent else None

    def add(self, version: str, write: Callable[[Path], None]) -> Path:
        """Return the model's folder, made by `write(folder)` if it is not there; all or nothing."""
        folder = self.folder / version
        if not (folder / CARD_FILE).is_file():
            partial = self.folder / f".{version}.part"
            shutil.rmtree(partial, ignore_errors=True)
            partial.parent.mkdir(parents=True, exist_ok=True)
            write(partial)
            partial.replace(folder)
        return folder

    def activate(self, version: str) -> None:
        """Make the model live; ModelError if there is no such model."""
        if not (self.folder / version / CARD_FILE).is_file():
            raise ModelError(f"{self.folder / version}: no model folder")
        stack = self.history()
        if not stack or stack[-1] != version:
            self._write((*stack, version))

    def rollback(self) -> tuple[str, str]:
        """Go back to the model before; the versions before and after, empty for the shipped one.

        ModelError if the shipped one is live already.
        """
        stack = self.history()
        if not stack:
            raise ModelError(f"{self.folder}: nothing to roll back: the shipped model is live")
        self._write(stack[:-1])
        return stack[-1], stack[-2] if len(stack) > 1 else ""

    def stamp(self) -> tuple[int, int] | None:
        """Return what changes whenever another model goes live; costs one look at the disk."""
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def _write(self, stack: tuple[str, ...]) -> None:
        partial = self._file.with_suffix(".part")
        with partial.open("wb") as file:
            file.write(msgspec.json.encode(_Active(stack)))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._file)


def _parent(version: str) -> str:
    return version.rpartition(".c")[0]
