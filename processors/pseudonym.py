"""Authors under another name: the same for the same author, of no use to anyone without the key."""

import hmac


def pseudonym(source: str, author: str, key: bytes) -> str:
    """A keyed hash (HMAC-SHA-256) of an author on a platform: `~` and 16 hex digits.

    `@Ann` and `ann` are the same author, and namesakes on two platforms are not. Nobody stays
    nobody. The words of posts are left alone: whom they mention with an @ can still be read there.

    >>> pseudonym("bluesky", "@Ann", b"key") == pseudonym("bluesky", "ann", b"key")
    True
    """
    name = author.strip().lstrip("@").casefold()
    if not name:
        return ""
    said = f"{source}\0{name}".encode("utf-8", "surrogatepass")
    return f"~{hmac.digest(key, said, 'sha256').hex()[:16]}"
