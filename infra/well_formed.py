"""Text that can be written as UTF-8."""

import re
from typing import Any

SURROGATES = re.compile("[\ud800-\udfff]")


def well_formed(value: Any) -> Any:
    """`value` with every lone surrogate in it replaced by U+FFFD: these have no UTF-8.

    Looks into lists, tuples (which become lists) and the values of dictionaries.
    """
    if isinstance(value, str):
        return SURROGATES.sub("\ufffd", value)
    if isinstance(value, list | tuple):
        return [well_formed(item) for item in value]
    if isinstance(value, dict):
        return {name: well_formed(item) for name, item in value.items()}
    return value
