"""Passwords and tokens, of which only hashes are kept."""

import base64
import hashlib
import hmac
import os
import secrets
from typing import Final

COST: Final = (1 << 15, 8, 1)
"""N, r and p of scrypt (RFC 7914): 32 MB and about 80 ms a password."""
MEMORY: Final = 1 << 26
LONGEST: Final = 1_024
"""Characters of a password: what is hashed has to have an end."""


def hash_password(password: str) -> str:
    """As the settings hold it: `scrypt$N$r$p$salt$hash`. ValueError for an unusable one."""
    if not 8 <= len(password) <= LONGEST:
        raise ValueError(f"a password has 8 to {LONGEST:,} characters")
    salt = os.urandom(16)
    n, r, p = COST
    return f"scrypt${n}${r}${p}${_text(salt)}${_text(_scrypt(password, salt, n, r, p))}"


def is_password(password: str, hashed: str) -> bool:
    """Whether it is the one that was hashed, in a time that says nothing of how nearly."""
    parts = hashed.split("$")
    if len(parts) != 6 or len(password) > LONGEST:
        return False
    try:
        n, r, p = (int(part) for part in parts[1:4])
        salt, wanted = (base64.b64decode(part, validate=True) for part in parts[4:])
        return hmac.compare_digest(_scrypt(password, salt, n, r, p), wanted)
    except ValueError:  # a hash that somebody wrote by hand
        return False


def new_token() -> str:
    """32 random bytes as text."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """64 hex digits. No salt and no work: a token is random, so it can't be guessed anyway."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def is_token(token: str, hashed: str) -> bool:
    """Whether it is the one that was hashed."""
    return hmac.compare_digest(hash_token(token), hashed)


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    given = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(given, salt=salt, n=n, r=r, p=p, maxmem=MEMORY, dklen=32)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
