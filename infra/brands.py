"""The brands that are watched, as the settings say it (`brands:`)."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from forecasting.calendar import holidays_of
from forecasting.records import IncidentKind, Sensitivity
from infra.zones import Zone
from processors.faults import is_plain
from processors.normalise import fold
from processors.post_rows import KEPT_DAYS, MAX_KEPT_DAYS
from processors.query_parse import parse_query
from processors.watched import WatchedBrand, check


def _visible(words: str) -> str:
    if not fold(words):
        raise ValueError("nothing visible in it: no post would match")
    return words


def _shown(name: str) -> str:
    if not is_plain(name):
        raise ValueError("a control character in it: no feed may name such a brand")
    return name


def _query(query: str) -> str:
    if query:
        parse_query(query)
    return query


def _excluded(words: tuple[str, ...] | str) -> tuple[str, ...] | str:
    return _query(words) if isinstance(words, str) else tuple(map(_visible, words))


def _language(code: str) -> str:
    if not re.fullmatch("[a-z]{2}", code):
        raise ValueError(f"{code!r} is no language: write two letters such as en or zh")
    return code


def _holidays(code: str) -> str:
    if code:
        holidays_of(code, {2026})
    return code


class PlannedEvent(BaseModel):
    """Something planned that people will talk about; events of one name are of one kind."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True
    )

    name: Annotated[str, Field(min_length=1, max_length=256)]
    """What it is called."""
    since: Annotated[datetime, Field(alias="from")]
    """When it begins; without a zone: in the brand's."""
    until: Annotated[datetime, Field(alias="to")]
    """When it ends."""
    effect: Annotated[float, Field(gt=0, le=1_000, allow_inf_nan=False)] | None = None
    """Times as many posts as usual; left out, it is learnt from earlier events of its name."""

    @model_validator(mode="after")
    def _in_order(self) -> "PlannedEvent":
        if self.since.replace(tzinfo=None) >= self.until.replace(tzinfo=None):
            raise ValueError(f"{self.name}: ends before it begins")
        return self


class Brand(BaseModel):
    """A watched brand and the words that name it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: Annotated[
        str, Field(min_length=1, max_length=256), AfterValidator(_visible), AfterValidator(_shown)
    ]
    """What it is called, everywhere; posts that have it are about the brand, without a query."""
    aliases: tuple[Annotated[str, AfterValidator(_visible)], ...] = ()
    """Other words for it."""
    query: Annotated[str, AfterValidator(_query)] = ""
    """What a post has to be, as docs/queries.md says. With it aliases count besides, the name does
    not."""
    exclude: Annotated[tuple[str, ...] | str, AfterValidator(_excluded)] = ()
    """Posts with one of these words, or of which this query is true, are left out."""
    languages: tuple[Annotated[str, AfterValidator(_language)], ...] = ()
    """Posts in other languages are left out, not those that are too short to tell; empty: none."""
    competitors: tuple[str, ...] = ()
    """Names of other brands here, to compare with."""
    language: Literal["en", "zh"] = "en"
    """Language of its messages."""
    timezone: Zone = "UTC"
    """Of the times in its messages, and of its days and weeks."""
    holidays: Annotated[str, AfterValidator(_holidays)] = ""
    """Whose public holidays are free days: a country or a part of it, such as US or DE-BY."""
    events: tuple[PlannedEvent, ...] = ()
    """What is planned that people will talk about."""
    retention_days: Annotated[int, Field(ge=1, le=MAX_KEPT_DAYS)] = KEPT_DAYS
    """How long its posts are kept."""
    sensitivity: Sensitivity = "balanced"
    """How many false incidents a week to bear: about 0.05, 0.2 or 1."""
    alert_on: tuple[IncidentKind, ...] = ("negative_surge", "mood_shift")
    """Kinds of incidents that receivers get; the others are recorded and shown only."""

    @property
    def watched(self) -> WatchedBrand:
        """What finds it."""
        return WatchedBrand(self.name, self.aliases, self.query, self.exclude, self.languages)

    @model_validator(mode="after")
    def _findable(self) -> "Brand":
        check(self.watched)
        return self
