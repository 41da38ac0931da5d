-- Buckets of a brand whose counts are not what the crowd said: a feed stalled, caught up, or another
-- model or query counted them. Kept as it was judged.
CREATE TABLE IF NOT EXISTS bucket_quality
(
    brand    LowCardinality(String),
    bucket   DateTime('UTC'),
    quality  LowCardinality(String),
    at       DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (brand, bucket)
TTL toDateTime(at) + INTERVAL 400 DAY DELETE
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
