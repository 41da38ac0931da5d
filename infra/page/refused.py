"""What the page does not do, and the words it answers with."""


class Refused(Exception):
    """A request that is not granted: an HTTP status and one sentence for a person."""

    def __init__(self, status: int, detail: str, *, retry_after: int = 0) -> None:
        """`retry_after`: seconds after which it may be granted; 0: nothing is said of it."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.retry_after = retry_after


def unknown(what: str) -> Refused:
    """There is nothing of that name, or nothing that may be seen: which of both is not said."""
    return Refused(404, f"no {what}")
