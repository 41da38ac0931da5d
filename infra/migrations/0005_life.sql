-- The life of a post after its first sight: edits, erasure, other scores, how long it is kept.
-- `version` of a row orders what is known of a post, see processors/store.py: a later edit replaces
-- an earlier one, a later scoring of the same text an earlier one, and erasure everything.
ALTER TABLE posts ADD COLUMN IF NOT EXISTS is_backfill UInt8 DEFAULT 0;
ALTER TABLE posts ADD COLUMN IF NOT EXISTS kept_days UInt16 DEFAULT 400;
ALTER TABLE posts MODIFY TTL kept_since + toIntervalDay(kept_days) DELETE;

-- A score that waits for its scoring to be the brand's: until then the one before it counts.
ALTER TABLE posts ADD COLUMN IF NOT EXISTS next_scoring UInt32 DEFAULT 0;
ALTER TABLE posts ADD COLUMN IF NOT EXISTS next_sentiment LowCardinality(String) DEFAULT '';
ALTER TABLE posts ADD COLUMN IF NOT EXISTS next_p_negative Float32 DEFAULT 0;
ALTER TABLE posts ADD COLUMN IF NOT EXISTS next_p_neutral Float32 DEFAULT 0;
ALTER TABLE posts ADD COLUMN IF NOT EXISTS next_p_positive Float32 DEFAULT 0;
ALTER TABLE posts ADD COLUMN IF NOT EXISTS next_model LowCardinality(String) DEFAULT '';
ALTER TABLE posts ADD COLUMN IF NOT EXISTS next_abstained UInt8 DEFAULT 0;
ALTER TABLE posts ADD COLUMN IF NOT EXISTS next_oov Float32 DEFAULT 0;

-- Scorings of history that count, by brand: one row switches all posts of a brand at once.
CREATE TABLE IF NOT EXISTS scorings
(
    brand   LowCardinality(String),
    number  UInt32,
    model   String,
    at      DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (brand, number)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Edits of posts, every one: which brands each version of the text was about.
CREATE TABLE IF NOT EXISTS post_edits
(
    post_id    String,
    edited_at  DateTime64(3, 'UTC'),
    version    UInt64,
    brands     Array(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (post_id, version)
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- What was erased and must not come back, whatever is delivered again. `scope` is post or author;
-- `id` is a post's id, or source:author as stored. Posts of an author count until `at`.
CREATE TABLE IF NOT EXISTS erasures
(
    scope   LowCardinality(String),
    id      String,
    at      DateTime64(3, 'UTC'),
    by      LowCardinality(String)
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (scope, id)
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Who did what by hand. The id is a function of what was done.
CREATE TABLE IF NOT EXISTS audit
(
    id      String,
    at      DateTime64(3, 'UTC'),
    action  LowCardinality(String),
    by      String,
    detail  String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- What was told of a bucket: number 0 when it was judged, and a row more whenever it changed after
-- that. `reason`: judged, late, backfill, edited, erased or rescored.
CREATE TABLE IF NOT EXISTS bucket_reports
(
    brand     LowCardinality(String),
    bucket    DateTime('UTC'),
    number    UInt32,
    volume    UInt64,
    negative  UInt64,
    at        DateTime64(3, 'UTC'),
    reason    LowCardinality(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (brand, bucket, number)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- The outbox: what was acknowledged to its giver and has perhaps no outcome yet.
CREATE TABLE IF NOT EXISTS outbox
(
    feed        LowCardinality(String),
    position    Int64,
    payload     String CODEC(ZSTD(1)),
    arrived_at  DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (feed, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
