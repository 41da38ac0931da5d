-- What each brand was found by, and since when: a row for each change of it, as `said` in the settings.
-- Posts carry the version alone (posts.query); a query that was once in use is told nowhere else.
CREATE TABLE IF NOT EXISTS query_versions
(
    brand    String,
    version  String,
    at       DateTime64(3, 'UTC'),
    said     String CODEC(ZSTD(1)),  -- JSON: aliases, query, exclude, languages
    by       String                  -- where it was said: the file of settings, or the environment
)
ENGINE = ReplacingMergeTree
ORDER BY (brand, at, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
