"""Who may look at the page, as the settings say it (`page:`)."""

from collections import Counter
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

Role = Literal["viewer", "analyst", "admin"]
ROOT_PATH = r"^(/[A-Za-z0-9._~-]+)*$"
Name = Annotated[str, Field(min_length=1, max_length=128)]


class _Allowed(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    name: Name
    """Who it is, in the log of who did what."""
    role: Role = "viewer"
    """What may be done: docs/page.md."""
    brands: tuple[str, ...] = ()
    """Brands that may be seen; empty: all."""


class PageUser(_Allowed):
    """Somebody who logs in. Without a password only through `proxy_header`."""

    password_hash: str = ""
    """Of `groundswell page-secret password`."""

    @field_validator("password_hash")
    @classmethod
    def _is_hash(cls, given: str) -> str:
        if given and not given.startswith("scrypt$"):
            raise ValueError("no hash: `groundswell page-secret password` makes one")
        return given


class PageToken(_Allowed):
    """A program that asks the API, with `Authorization: Bearer`."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of `groundswell page-secret token`."""


class PageSettings(BaseModel):
    """Without users and tokens whoever has the token that is printed at the start may do all."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    users: tuple[PageUser, ...] = ()
    """People who log in."""
    tokens: tuple[PageToken, ...] = ()
    """Programs that ask the API."""
    session_key: SecretStr = SecretStr("")
    """Signs cookies, 32 characters or more. Without it a random one is made: then a restart logs
    everybody out."""
    session_hours: Annotated[float, Field(gt=0, le=24 * 90)] = 12.0
    """How long a login lasts."""
    hosts: tuple[str, ...] = ()
    """Names under which browsers reach the page, beside those of this machine; empty: any, unless
    it listens on loopback only."""
    proxy_header: str = ""
    """A header in which a reverse proxy names who logged in, such as X-Forwarded-User. The user has
    to be one of `users`."""
    proxy_addresses: tuple[str, ...] = ()
    """Addresses that the header is believed from."""

    root_path: Annotated[str, Field(pattern=ROOT_PATH)] = ""
    """Where the page stands at a reverse proxy: /groundswell. One of `proxy_addresses` may say so
    itself, as X-Forwarded-Prefix."""

    @model_validator(mode="after")
    def _clear(self) -> "PageSettings":
        for name, count in Counter(one.name for one in (*self.users, *self.tokens)).items():
            if count > 1:
                raise ValueError(f"{count} users or tokens are called {name}")
        key = self.session_key.get_secret_value()
        if key and len(key) < 32:
            raise ValueError("session_key: 32 characters or more")
        if self.proxy_header and not self.proxy_addresses:
            raise ValueError("proxy_header: say in proxy_addresses whom it is believed from")
        return self
