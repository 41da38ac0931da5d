"""What a ClickHouse error code means to a caller, whoever reported it."""

from infra.store import StoreError, StoreRejected, StoreUnavailable

# Codes that pass with time or by freeing something; every other code is a wrong statement or row.
# Source: ClickHouse, src/Common/ErrorCodes.cpp.
PASSING = frozenset(
    {
        32,  # ATTEMPT_TO_READ_AFTER_EOF (of another server)
        74,  # CANNOT_READ_FROM_FILE_DESCRIPTOR
        75,  # CANNOT_WRITE_TO_FILE_DESCRIPTOR
        76,  # CANNOT_OPEN_FILE
        77,  # CANNOT_CLOSE_FILE
        159,  # TIMEOUT_EXCEEDED
        198,  # DNS_ERROR
        202,  # TOO_MANY_SIMULTANEOUS_QUERIES
        203,  # NO_FREE_CONNECTION
        209,  # SOCKET_TIMEOUT
        210,  # NETWORK_ERROR
        225,  # NO_ZOOKEEPER
        236,  # ABORTED
        241,  # MEMORY_LIMIT_EXCEEDED
        242,  # TABLE_IS_READ_ONLY
        243,  # NOT_ENOUGH_SPACE
        252,  # TOO_MANY_PARTS
        254,  # NO_ACTIVE_REPLICAS
        279,  # ALL_CONNECTION_TRIES_FAILED
        285,  # TOO_FEW_LIVE_REPLICAS
        286,  # UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
        289,  # REPLICA_IS_NOT_IN_QUORUM
        319,  # UNKNOWN_STATUS_OF_INSERT
        341,  # UNFINISHED (by some replicas)
        369,  # ALL_REPLICAS_ARE_STALE
        394,  # QUERY_WAS_CANCELLED (the server stops)
        425,  # SYSTEM_ERROR
        439,  # CANNOT_SCHEDULE_TASK
        473,  # DEADLOCK_AVOIDED
        481,  # CANNOT_CREATE_DIRECTORY
        529,  # NOT_A_LEADER
        692,  # TOO_MANY_MUTATIONS
        733,  # TABLE_IS_BEING_RESTARTED
        734,  # CANNOT_WRITE_AFTER_BUFFER_CANCELED
        999,  # KEEPER_EXCEPTION
        1000,  # POCO_EXCEPTION (files and sockets)
        1001,  # STD_EXCEPTION (files, memory)
    }
)


def store_error(code: int, message: str) -> StoreError:
    """`StoreUnavailable` where trying again can help, else `StoreRejected`."""
    return StoreUnavailable(message) if code in PASSING else StoreRejected(message)
