"""What one core of a line does, as `python -m benchmarks.rates` measured it on a named machine."""

from importlib.resources import files
from pathlib import Path

import msgspec

from forecasting.capacity import Rates

SHIPPED = "rates.json"


class RatesError(ValueError):
    """A file of rates that is none."""


def read_rates(path: Path | None = None) -> Rates:
    """The rates in `path`, or those that are shipped. Raises RatesError, OSError."""
    content = path.read_bytes() if path else files("infra").joinpath(SHIPPED).read_bytes()
    try:
        return msgspec.json.decode(content, type=Rates)
    except msgspec.MsgspecError as error:
        raise RatesError(
            f"{path or SHIPPED} holds no rates: {error}; `python -m benchmarks.rates` writes them"
        ) from error
