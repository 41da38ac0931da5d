-- Posts: one row a post and brand, whatever is re-delivered. Every count reads FINAL.
-- The sort key (brand, published_at, post_id) is a pure function of the post's first sight.
CREATE TABLE IF NOT EXISTS posts
(
    brand         LowCardinality(String),
    published_at  DateTime64(3, 'UTC'),
    post_id       String,
    version       UInt64,
    is_deleted    UInt8 DEFAULT 0,
    feed          LowCardinality(String),
    position      Int64,
    source        LowCardinality(String),
    author        String,
    followers     UInt64,
    lang          LowCardinality(String),
    text          String CODEC(ZSTD(1)),
    key_text      String CODEC(ZSTD(1)),
    url           String CODEC(ZSTD(1)),
    received_at   DateTime64(3, 'UTC'),
    scored_at     DateTime64(3, 'UTC'),
    stored_at     DateTime64(3, 'UTC'),
    cluster_id    UInt64,
    is_duplicate  UInt8,
    is_repost     UInt8,
    is_spam       UInt8,
    sentiment     LowCardinality(String),
    p_negative    Float32,
    p_neutral     Float32,
    p_positive    Float32,
    model         LowCardinality(String),
    kept_since    DateTime('UTC') DEFAULT now()  -- retention counts from here: old posts replayed from a file stay
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(published_at)
ORDER BY (brand, toStartOfHour(published_at), post_id)
TTL kept_since + INTERVAL 400 DAY DELETE
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- What was fixed at a post's first sight: who brought it, when it counts, for whom. Read by single
-- keys, a thousand a batch: small granules keep that from reading the whole table.
CREATE TABLE IF NOT EXISTS post_keys
(
    post_id       String,
    published_at  DateTime64(3, 'UTC'),
    feed          String,
    position      Int64,
    brands        Array(String)
)
ENGINE = ReplacingMergeTree
ORDER BY post_id
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- What became of everything a feed gave us: one row a receipt, so that read = stored + repeats +
-- dropped + dead letters, exactly, and a feed knows what it need not send again.
CREATE TABLE IF NOT EXISTS receipts
(
    feed      LowCardinality(String),
    position  Int64,
    post_id   String,
    outcome   LowCardinality(String),
    reason    LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (feed, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS dead_letters
(
    feed        LowCardinality(String),
    position    Int64,
    reason      LowCardinality(String),
    detail      String,
    payload     String CODEC(ZSTD(1)),
    arrived_at  DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (feed, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- How far each feed has come on its own clock with everything before it on disk.
CREATE TABLE IF NOT EXISTS feed_progress
(
    feed        String,
    version     UInt64,
    clock       DateTime64(3, 'UTC'),
    sent        UInt64,
    durable     UInt64,
    state       LowCardinality(String),
    updated_at  DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(version)
ORDER BY feed
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
