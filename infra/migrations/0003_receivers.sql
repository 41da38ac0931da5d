-- Since when each receiver is owed events: one that is added later is not sent the whole history.
CREATE TABLE IF NOT EXISTS receivers
(
    name   String,
    since  DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY name
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
