-- Forecasts, incidents and what was sent: the memory of watch and deliver.
-- A forecast as it stood when its bucket began: expected count and 95 % interval.
CREATE TABLE IF NOT EXISTS forecasts
(
    brand       LowCardinality(String),
    series      LowCardinality(String),
    step        LowCardinality(String),
    bucket      DateTime('UTC'),
    made_at     DateTime('UTC'),
    mean        Float64,
    lower       Float64,
    upper       Float64,
    model       LowCardinality(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (brand, series, step, bucket, made_at);

-- The state of each brand's detector after the last bucket it judged: a watcher that starts
-- again continues there and comes to the same incidents with the same ids.
CREATE TABLE IF NOT EXISTS watch_state
(
    brand    String,
    bucket   DateTime('UTC'),
    state    String,
    verdict  String
)
ENGINE = ReplacingMergeTree(bucket)
ORDER BY brand
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- One row a change of an incident; the id of a change is a function of the incident and its number.
CREATE TABLE IF NOT EXISTS incident_events
(
    event_id     String,
    incident_id  String,
    brand        LowCardinality(String),
    number       UInt32,
    change       LowCardinality(String),
    at           DateTime64(3, 'UTC'),
    fired_at     DateTime64(3, 'UTC'),
    body         String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY event_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- One row an attempt to deliver an event to a receiver. `outcome`: delivered, retry or gave_up.
CREATE TABLE IF NOT EXISTS deliveries
(
    event_id    String,
    receiver    String,
    attempt     UInt32,
    at          DateTime64(3, 'UTC'),
    outcome     LowCardinality(String),
    status      UInt16,
    detail      String,
    next_at     DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (event_id, receiver, attempt)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
