"""How to come in to a Kafka that asks who is there: TLS, and a login by SASL.

The one place that says what this means to a client; `streams.credentials` has the form of Faust.
A password is shown nowhere: it is a secret in the settings, and its clients do not log it.
"""

import ssl
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_settings import SettingsError

from infra.secrets import Secret

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class KafkaSecurity(BaseModel):
    """What brokers ask for; nothing: they are reached without TLS and without a login."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    user: str = ""
    """Who logs in by SASL; empty: nobody."""
    password: Secret | None = None
    """Of `user`."""
    mechanism: Mechanism = "SCRAM-SHA-512"
    """How `user` logs in."""
    tls: bool = False
    """Whether brokers are reached by TLS."""
    ca: Path | None = None
    """PEM file, who signs brokers' certificates; empty: whom the machine trusts."""
    certificate: Path | None = None
    """PEM file, our own certificate, where brokers ask for one."""
    key: Path | None = None
    """PEM file of its key; empty: it is in the same file."""
    key_password: Secret | None = None
    """Of an encrypted key."""
    check_hostname: bool = True
    """Whether a broker's certificate has to be of its name."""

    @model_validator(mode="after")
    def _whole(self) -> "KafkaSecurity":
        if bool(self.user) != (self.password is not None):
            raise ValueError("user and password belong together")
        if not self.tls and (self.ca or self.certificate or self.key or not self.check_hostname):
            raise ValueError("ca, certificate, key and check_hostname need tls: true")
        if self.key and not self.certificate:
            raise ValueError("key needs the certificate that it belongs to")
        return self

    @property
    def protocol(self) -> str:
        """The name that Kafka has for it."""
        transport = "SSL" if self.tls else "PLAINTEXT"
        return f"SASL_{transport}" if self.user else transport

    @property
    def plain_password(self) -> str:
        """For a client alone."""
        return self.password.get_secret_value() if self.password else ""


OPEN = KafkaSecurity()
"""Of a broker that asks for nothing."""


def tls_context(security: KafkaSecurity) -> ssl.SSLContext | None:
    """TLS 1.2 or newer, with the certificates of the settings; None without TLS.

    Raises SettingsError that names the file.
    """
    if not security.tls:
        return None
    context = _trusting(security.ca)
    # In this order: a context that checks names refuses to be told that it checks no certificate,
    # and nothing here tells it so.
    context.check_hostname = security.check_hostname
    if security.certificate is not None:
        # Never asked for at the terminal, as it would be if none were given.
        password = security.key_password.get_secret_value() if security.key_password else ""
        try:
            context.load_cert_chain(security.certificate, security.key, password=password)
        except OSError as error:
            files = " and ".join(str(one) for one in (security.certificate, security.key) if one)
            raise SettingsError(
                f"kafka_security: {files}: no certificate with its key: {_why(error)}"
            ) from None
    return context


def client_options(addresses: str, security: KafkaSecurity) -> dict[str, Any]:
    """Arguments by which a client of kafka-python comes to its brokers. Raises SettingsError."""
    options: dict[str, Any] = {
        "bootstrap_servers": [address.strip() for address in addresses.split(",")],
        "security_protocol": security.protocol,
    }
    if security.tls:
        options["ssl_context"] = tls_context(security)
    if security.user:
        options["sasl_mechanism"] = security.mechanism
        options["sasl_plain_username"] = security.user
        options["sasl_plain_password"] = security.plain_password
    return options


def reveal_security(security: KafkaSecurity) -> dict[str, object]:
    """As settings hold it, secrets included."""
    plain = security.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    for name in ("password", "key_password"):
        secret = getattr(security, name)
        if secret is not None:
            plain[name] = secret.get_secret_value()
    return plain


def _trusting(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise SettingsError(
            f"kafka_security: {ca}: no certificates in PEM: {_why(error)}"
        ) from None


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
