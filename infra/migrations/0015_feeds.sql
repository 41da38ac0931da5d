-- How far each feed has read, and how it fares: the newest row of each. `cursor` is where to go on,
-- `at` the platform's time up to which all it has given is durable, `live_until` the wall clock up to
-- which that is all there was. `tolerance` is by how many seconds it may lag and still be live.
CREATE TABLE IF NOT EXISTS feed_cursors
(
    feed          String,
    source        LowCardinality(String),
    version       UInt64,
    cursor        String CODEC(ZSTD(1)),
    at            DateTime64(3, 'UTC'),
    live_until    DateTime64(3, 'UTC'),
    tolerance     Float64,
    state         LowCardinality(String),
    last_post     DateTime64(3, 'UTC'),
    posts         UInt64,
    erasures      UInt64,
    unreadable    UInt64,
    skipped       UInt64,
    errors        UInt64,
    rate          Float64,
    error         String,
    error_at      DateTime64(3, 'UTC'),
    updated_at    DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(version)
ORDER BY feed
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Stretches of which a feed knows that it missed posts (`gap`), or that it read what it had missed
-- before (`catch_up`).
CREATE TABLE IF NOT EXISTS feed_gaps
(
    feed    String,
    source  LowCardinality(String),
    kind    LowCardinality(String),
    since   DateTime64(3, 'UTC'),
    until   DateTime64(3, 'UTC'),
    reason  String,
    at      DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (feed, kind, since)
TTL toDateTime(at) + INTERVAL 400 DAY DELETE
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
