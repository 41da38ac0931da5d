"""What is compared of a text to find who said (nearly) the same."""

from hashlib import blake2b
from typing import Final

from msgspec import Struct

MIN_CHARS: Final = 20  # under it, only equal texts are the same, and they repeat nobody


class Said(Struct, frozen=True, gc=False):
    """What is compared of a key_text, made once of each."""

    digest: int
    compared: str
    """Who is addressed counts for nothing."""
    is_short: bool
    """Repeats nobody."""


def said(key_text: str) -> Said:
    """What is compared of a key_text."""
    compared = key_text.replace("@user", "").strip() if "@user" in key_text else key_text
    return Said(
        hash64(key_text),
        compared if len(compared) >= MIN_CHARS else "",
        len(key_text) < MIN_CHARS,
    )


def hash64(text: str) -> int:
    """64 bits of BLAKE2 of a text or of a post's id."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
