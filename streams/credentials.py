"""How a stage logs in to Kafka: `infra.kafka_security` in the form that Faust hands to aiokafka."""

from typing import Any

from faust.auth import SASLCredentials, SSLCredentials

from infra.kafka_security import KafkaSecurity, tls_context


def credentials(security: KafkaSecurity) -> Any:
    """For `broker_credentials`; None where brokers ask for nothing. Raises SettingsError."""
    context = tls_context(security)
    if security.user:
        return SASLCredentials(
            username=security.user,
            password=security.plain_password,
            mechanism=security.mechanism,
            ssl_context=context,
        )
    return SSLCredentials(context) if context else None
