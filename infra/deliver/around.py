"""What a deliverer is given of the world."""

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import NamedTuple

from infra.deliver.failing import Report, report_to_nobody
from infra.deliver.leader import Alone, Leader


class Around(NamedTuple):
    """Clock, chance, and who else there is."""

    clock: Callable[[], datetime]  # wall clock in UTC: receivers refuse signatures 5 min off
    random: Random
    leader: Leader = Alone()
    report: Report = report_to_nobody  # hears how long each receiver has been failing
