-- Counts by hour that are known, so that a month of all brands is not read from posts: see infra/hours.py.
-- Each row of posts says in which insert it came, also after files were merged; and files whose rows
-- are all past their time stay as empty ones, so that no number of an insert is ever given again.
ALTER TABLE posts MODIFY SETTING enable_block_number_column = 1, remove_empty_parts = 0;

-- One row a brand and hour: its twelve buckets of five minutes, counted at some moment after insert
-- `block` was there. `era` is that of the hour's partition, `scoring` the brand's; from `expires_at`
-- on, posts may be past their time (0: they may be already).
CREATE TABLE IF NOT EXISTS hour_counts
(
    brand       LowCardinality(String),
    hour        DateTime('UTC'),
    block       UInt64,
    era         UInt64,
    scoring     UInt32,
    expires_at  DateTime('UTC'),
    volumes     Array(UInt32),
    negatives   Array(UInt32)
)
ENGINE = ReplacingMergeTree(block)
PARTITION BY toYYYYMM(hour)
ORDER BY (brand, hour)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Up to which insert every brand and hour that it wrote to has been counted since. The last row holds.
CREATE TABLE IF NOT EXISTS hour_marks
(
    name   LowCardinality(String),
    block  UInt64,
    at     DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY name
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Of each partition of posts the last change of its files (a retention, a purge): its number.
CREATE VIEW IF NOT EXISTS post_eras AS
SELECT
    toUInt32(partition_id) AS month,
    max(toUInt64OrZero(splitByChar('_', name)[5])) AS era
FROM system.parts
WHERE database = currentDatabase() AND table = 'posts' AND active
GROUP BY month;
