"""Follows the user's file of settings while a line runs: what is watched, who is told, and how.

Only what FOLLOWED names is taken over; the rest waits for the next start. A file that is broken is
refused as a whole, and what was there before stays.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import structlog
from pydantic import ValidationError
from pydantic_settings import SettingsError

from infra.config_file import PREFIX, parse_config, problem_of, variable_of
from infra.settings import FileSettings, Settings

log = structlog.get_logger()


class _Named(Protocol):
    @property
    def name(self) -> str: ...


FOLLOWED = ("brands", "receivers", "route", "allow_hosts", "page_url", "page")
BY_STAGES = tuple(name for name in FOLLOWED if name != "page")
"""Who may look concerns the page alone, and the settings of a line's processes are without it."""
EVERY = 2.0
"""Seconds between two looks at the file. Its content counts once two looks found the same: who
writes it may be in the middle of it."""


def following(settings: Settings) -> Settings:
    """Settings that say which file to follow: that of the environment, if it names one.

    What the environment itself sets, or a file in GROUNDSWELL_SECRETS, stays as it is.
    """
    config = os.environ.get("GROUNDSWELL_CONFIG")
    if not config:
        return settings
    secret = _in_secrets()
    fixed = tuple(name for name in FOLLOWED if variable_of(name, os.environ) or name in secret)
    return settings.model_copy(
        update={"config_path": Path(config).absolute(), "config_fixed": fixed}
    )


def _in_secrets() -> set[str]:
    """Settings that a file in the folder of secrets holds."""
    folder = os.environ.get("GROUNDSWELL_SECRETS")
    names = {path.name.lower() for path in Path(folder).iterdir()} if folder else set()
    return {name.removeprefix(PREFIX.lower()) for name in names}


def said_in(settings: Settings, name: str = "brands") -> str:
    """Where a setting was said, as people call it."""
    if settings.config_path is None or name in settings.config_fixed:
        return "environment"
    return settings.config_path.name


class ConfigWatch:
    """Says when the file that `settings.config_path` names has changed, and to what."""

    def __init__(
        self,
        settings: Settings,
        *,
        stage: str = "deliver",
        names: Sequence[str] = BY_STAGES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` counts seconds; `stage` is named in the log; `names` of FOLLOWED are followed."""
        self._settings = settings
        self._stage = stage
        self._names = names
        self._clock = clock
        self._looked = float("-inf")
        self._seen = ""  # what the last look found
        self._judged = ""  # what was taken over or refused last
        self._secrets: tuple[str, ...] = ()  # files that the file names
        self._parsed: Settings | None = None
        self._problem = ""

    @property
    def problem(self) -> str:
        """Why the file was refused as it is now, without secrets; empty: it was not."""
        return self._problem

    def changed(self) -> Settings | None:
        """The settings with what is new in the file, None if nothing is. Cheap; reads files.

        Never raises for what is in the file: that is logged, once for each content.
        """
        path = self._settings.config_path
        if path is None or self._clock() - self._looked < EVERY:
            return None
        self._looked = self._clock()
        content = _content(path)
        before, self._seen = self._seen, _digest(content, self._secrets)
        if self._seen != before or self._seen == self._judged:
            return None
        self._judged = self._seen
        try:
            parsed = self._parse(content, path)
        except (SettingsError, ValidationError) as error:
            told = problem_of(error, path) if isinstance(error, ValidationError) else str(error)
            log.error("settings refused, the old ones stay", stage=self._stage, error=told)
            self._problem = told
            return None
        self._problem = ""
        return self._taken_over(parsed)

    def _parse(self, content: bytes | OSError, path: Path) -> Settings:
        if isinstance(content, OSError):
            raise SettingsError(f"{path}: {(content.strerror or '').lower()}")
        held = parse_config(content, path)
        self._secrets = tuple(sorted(set(_named_files(held))))
        # Before they are read: one that is replaced meanwhile is seen at the next look.
        self._seen = self._judged = _digest(content, self._secrets)
        fixed = {name: getattr(self._settings, name) for name in self._settings.config_fixed}
        return FileSettings(**{**held, **fixed})

    def _taken_over(self, parsed: Settings) -> Settings | None:
        before, self._parsed = self._parsed, parsed
        if before is not None:
            self._tell_later(before, parsed)
        news = {
            name: getattr(parsed, name)
            for name in self._names
            if getattr(parsed, name) != getattr(self._settings, name)
        }
        if not news:
            return None
        told = ", ".join(_what_changed(self._settings, parsed, news))
        self._settings = self._settings.model_copy(update=news)
        log.info("settings changed", stage=self._stage, changed=told)
        return self._settings

    def _tell_later(self, before: Settings, after: Settings) -> None:
        later = [
            name
            for name in Settings.model_fields
            if name not in FOLLOWED and getattr(before, name) != getattr(after, name)
        ]
        if later:
            log.warning(
                "these settings count from the next start on",
                stage=self._stage,
                settings=", ".join(later),
            )


def _content(path: Path) -> bytes | OSError:
    try:
        return path.read_bytes()
    except OSError as error:
        return error


def _digest(content: bytes | OSError, secrets: Iterable[str]) -> str:
    """Of what the file and the secrets it names hold: those may be replaced alone."""
    digest = sha256()
    for part in (content, *(_content(Path(name)) for name in secrets)):
        held = type(part).__name__.encode() if isinstance(part, OSError) else part
        digest.update(b"%d:%b" % (len(held), held))
    return digest.hexdigest()


def _named_files(held: object) -> Iterator[str]:
    """The files that `{file: PATH}` names, wherever in the settings."""
    match held:
        case {"file": str(path), **rest} if not rest:
            yield path
        case dict():
            for value in held.values():
                yield from _named_files(value)
        case list():
            for value in held:
                yield from _named_files(value)


def _what_changed(before: Settings, after: Settings, news: dict[str, Any]) -> Iterator[str]:
    """In words that hold no secret: names of brands and receivers, and of what else is new."""
    for name in news:
        if name == "brands":
            yield from _by_name("brand", before.brands, after.brands)
        elif name == "receivers":
            yield from _by_name("receiver", before.receivers, after.receivers)
        else:
            yield f"{name} changed"


def _by_name(what: str, before: Sequence[_Named], after: Sequence[_Named]) -> Iterator[str]:
    old, new = ({one.name: one for one in some} for some in (before, after))
    yield from (f"{what} {name} added" for name in new if name not in old)
    yield from (f"{what} {name} removed" for name in old if name not in new)
    yield from (f"{what} {name} changed" for name in new if name in old and new[name] != old[name])
    if list(old) != list(new) and set(old) == set(new):
        yield f"{what}s in another order"
