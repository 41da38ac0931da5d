"""Which trace a post or an incident is in: made from its id, so that every stage comes to the same
without being told, before and after any kill. The form is that of W3C Trace Context.
"""

from hashlib import blake2b

from msgspec import Struct


class Trace(Struct, frozen=True):
    """A trace, and the one span that all of ours hang from; nobody records that one itself."""

    trace_id: int  # 128 bits, not 0
    root_id: int  # 64 bits, not 0

    @property
    def parent(self) -> str:
        """The header `traceparent`, for whoever goes on with it."""
        return f"00-{self.trace_id:032x}-{self.root_id:016x}-01"

    def is_among(self, share: float) -> bool:
        """Whether it is one of this share of all traces, the same ones everywhere."""
        return self.trace_id & 0xFFFF_FFFF < share * 2**32


def post_trace(post_id: str) -> Trace:
    """The trace of a post from refine to store.

    >>> post_trace("mastodon:113").parent
    '00-67910b2408337c34ebd2d1553ccf9741-e1a954be298b92fc-01'
    """
    return _trace("post", post_id)


def incident_trace(incident_id: str) -> Trace:
    """The trace of an incident from watch to those who are told."""
    return _trace("incident", incident_id)


def _trace(kind: str, name: str) -> Trace:
    digest = blake2b(f"{kind}:{name}".encode("utf-8", "surrogatepass"), digest_size=24).digest()
    trace_id, root_id = (int.from_bytes(part, "big") for part in (digest[:16], digest[16:]))
    return Trace(trace_id or 1, root_id or 1)
