"""Why a broker cannot be reached, found out step by step: its name, its port, its certificate."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing

from infra.doctor.finding import Said, fail
from infra.kafka_security import KafkaSecurity, tls_context

SECONDS = 3.0
PORT = 9092


def why_away(addresses: str, security: KafkaSecurity) -> Iterator[Said]:
    """What keeps us from each of the addresses; raises SettingsError for certificates of ours."""
    context = tls_context(security)
    told = [one for address in addresses.split(",") for one in _address(address.strip(), context)]
    yield from told
    if not told:
        yield _unheard(security)


def _address(address: str, context: ssl.SSLContext | None) -> Iterator[Said]:
    host, _, port = address.rpartition(":")
    host, port = (host, port) if host else (port, str(PORT))
    if not port.isdecimal():
        yield fail(f"{address}: no address", "write host:port[,host:port] in GROUNDSWELL_KAFKA")
        return
    shaking = False
    try:
        with closing(socket.create_connection((host.strip("[]"), int(port)), SECONDS)) as opened:
            if context is not None:
                shaking = True
                context.wrap_socket(opened, server_hostname=host.strip("[]")).close()
    except socket.gaierror:
        yield fail(f"{address}: this name is unknown", "correct GROUNDSWELL_KAFKA, or the DNS")
    except ssl.SSLCertVerificationError as error:
        yield _untrusted(address, error)
    except ssl.SSLError as error:
        yield _no_tls(address, (error.reason or "failed").lower().replace("_", " "))
    except OSError as error:
        why = (error.strerror or "no answer").lower()
        if shaking:  # who speaks no TLS waits for the rest of what it takes for a message
            yield _no_tls(address, why)
        else:
            yield fail(f"{address}: {why}", "start the broker, or correct GROUNDSWELL_KAFKA")


def _no_tls(address: str, reason: str) -> Said:
    return fail(
        f"{address}: TLS: {reason}",
        "name the port of its TLS listener, or kafka_security.certificate if it asks for one",
    )


def _untrusted(address: str, error: ssl.SSLCertVerificationError) -> Said:
    message = error.verify_message.strip().rstrip(".").lower()
    if "mismatch" in message or "doesn't match" in message:
        fix = "use a name that is in the broker's certificate in GROUNDSWELL_KAFKA"
    elif "expired" in message or "not yet valid" in message:
        fix = "renew the broker's certificate, and look at this machine's clock"
    else:
        fix = "name who signed the broker's certificate in kafka_security.ca"
    return fail(f"{address}: its certificate: {message}", fix)


def _unheard(security: KafkaSecurity) -> Said:
    if security.user:
        return fail(
            "a broker answers, and does not let us in",
            "look at user, password and mechanism in kafka_security, and at the broker's log",
        )
    return fail(
        "something listens there, and does not answer as Kafka does",
        "if the broker wants TLS or a login, set kafka_security; else look at its log",
    )
