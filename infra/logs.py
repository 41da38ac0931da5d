"""Structured logs on stderr: JSON lines for machines, plain lines for people."""

import logging
import sys

import structlog

RAISES_TOO = ("clickhouse_driver", "kafka.net")
"""Loggers of libraries that also raise what they log: it would be said twice, and in many lines."""


def set_up_logs(*, json: bool) -> None:
    """Send logs to stderr; of the libraries' own only warnings and worse."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    # It logs each failed attempt to connect; what comes of it is raised and told by us.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    for name in RAISES_TOO:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # Without local variables: they hold posts and passwords.
    tracebacks = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    )
    renderer = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=True)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            tracebacks if json else structlog.processors.ExceptionRenderer(),
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
