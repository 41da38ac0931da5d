-- What people said of incidents, and of crises that none told of. The newest word about one counts.
CREATE TABLE IF NOT EXISTS verdicts
(
    id           String,
    version      UInt64,
    brand        LowCardinality(String),
    incident_id  String,
    since        DateTime64(3, 'UTC'),
    until        DateTime64(3, 'UTC'),
    verdict      LowCardinality(String),
    at           DateTime64(3, 'UTC'),
    by           String,
    note         String
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
