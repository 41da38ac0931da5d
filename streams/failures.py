"""What goes wrong for reasons a person can mend: told in one line, not with a traceback.

    LineFailed   a part of the line cannot run
    NotTaken     some of what was handed over
    UsageError   the command's words do not fit

and those of the packages below, all in FAILURES.
"""

from os import PathLike

from pydantic_settings import SettingsError

from infra.broker import BrokerError
from infra.config_file import told_of
from infra.export import ExportError
from infra.grafana.publish import PublishFailed
from infra.kafka import KafkaUnavailable, MessageTooLarge
from infra.kafka_admin import KafkaRefused
from infra.rows import ReplayError
from infra.store import StoreError
from processors.labelled import DataError
from processors.score import ModelError


class LineFailed(Exception):
    """A part of the line cannot run; says why in one line."""


class NotTaken(Exception):
    """Some of what was handed over can never be taken; says how much of it in one line."""


class UsageError(Exception):
    """The command's words do not fit; says which and what would."""


class Interrupted(BaseException):
    """Ctrl-C or a request to stop: everything is put away on the way out."""


FAILURES: tuple[type[Exception], ...] = (
    BrokerError,
    DataError,
    ExportError,
    KafkaRefused,
    KafkaUnavailable,
    LineFailed,
    MessageTooLarge,
    ModelError,
    NotTaken,
    OSError,
    PublishFailed,
    ReplayError,
    SettingsError,
    StoreError,
    UsageError,
)


def one_line(error: BaseException) -> str:
    """The message without line breaks; of a file, its name and what is wrong with it."""
    if isinstance(error, OSError) and isinstance(error.filename, str | PathLike) and error.strerror:
        return " ".join(f"{error.filename}: {error.strerror.lower()}".split())
    said = told_of(error) if isinstance(error, SettingsError) else str(error)
    return " ".join(said.split()) or type(error).__name__
