-- Labels of posts that were drawn by their score alone: what the negative share is corrected by. Apart
-- from corrections, which people give to what struck them, and which models learn from: a measure of
-- errors must be neither. The newest about a post and brand counts; an empty label takes it back. There
-- is no text here and nothing of the author: what an erased post was labelled says nothing of anyone,
-- and no estimate reads it, as it is joined with the posts that count.
CREATE TABLE IF NOT EXISTS share_labels
(
    brand         LowCardinality(String),
    post_id       String,
    published_at  DateTime64(3, 'UTC'),
    label         LowCardinality(String),
    stratum       UInt16,   -- of the sample it was drawn in
    probability   Float64,  -- with which it was drawn
    by            String,
    at            DateTime64(3, 'UTC'),
    kept_since    DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (brand, post_id)
TTL kept_since + INTERVAL 400 DAY DELETE
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
