"""What must not be said: the secrets of a receiver, taken out of whatever an operator reads."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from pydantic import SecretStr

from infra.receivers import Receiver

MARK = "[secret]"
SHOWN = 200
"""Characters of an answer that an operator sees."""

_SHORT, _LONG = 6, 20  # characters of a piece with a digit, of one without: words are no secrets


def secrets_of(receiver: Receiver) -> tuple[str, ...]:
    """Everything of it that is as good as a password, longest first.

    Of an address that is a secret as a whole also its path and each piece of it that looks like a
    token; of any other the password before its host and tokens in its query.
    """
    found: set[str] = set()
    for _, value in receiver:
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, SecretStr):
                found.update(_forms(one.get_secret_value()))
            elif isinstance(one, str):
                found.update(_of_address(one))
    return tuple(sorted(found - {""}, key=lambda secret: (-len(secret), secret)))


def clean(text: str, secrets: Iterable[str]) -> str:
    """One short printable line without the secrets: receivers that debug may say them back."""
    for secret in secrets:
        text = text.replace(secret, MARK)
    line = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(line.split())[:SHOWN]


def _forms(secret: str) -> Iterator[str]:
    key = secret.removeprefix("whsec_")
    for form in (secret, key, key.rstrip("=")):
        yield from (form, quote(form, safe=""))
    parts = _split(secret)
    if parts:
        yield from _password(parts)
        told = "" if parts.scheme in ("http", "https") else parts.netloc.rpartition("@")[2]
        pieces = re.split(r"[/?&=:;]", f"{told}/{parts.path}?{parts.query}")
        for piece in (parts.path.strip("/"), *pieces):
            if _looks_secret(piece):
                yield from (piece, unquote(piece))


def _of_address(value: str) -> Iterator[str]:
    parts = _split(value)
    if parts:
        yield from _password(parts)
        for _, secret in parse_qsl(parts.query):
            if _looks_secret(secret):
                yield from (secret, quote(secret, safe=""))


def _split(address: str) -> SplitResult | None:
    """None if it is no address."""
    try:
        return urlsplit(address) if "://" in address else None
    except ValueError:
        return None


def _looks_secret(piece: str) -> bool:
    """Whether a piece of an address is a token and no word."""
    return len(piece) >= _LONG or (len(piece) >= _SHORT and any(c.isdigit() for c in piece))


def _password(parts: SplitResult) -> Iterator[str]:
    if parts.password:
        yield from (parts.password, unquote(parts.password))
