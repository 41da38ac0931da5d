-- What a score says of itself, what people say of scores, and what became of models.
ALTER TABLE posts ADD COLUMN IF NOT EXISTS abstained UInt8 DEFAULT 0;
ALTER TABLE posts ADD COLUMN IF NOT EXISTS oov Float32 DEFAULT 0;

-- Labels that people gave. The newest about a post wins. `text` is kept only where there is no post
-- to read it from (then the id is `text:` and a hash): an erased post leaves no text behind here.
CREATE TABLE IF NOT EXISTS corrections
(
    post_id   String,
    label     LowCardinality(String),
    by        String,
    note      String,
    text      String CODEC(ZSTD(1)),
    language  LowCardinality(String),
    at        DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY post_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- What happened to models. `kind`: drift, activated, refused or rolled_back; `detail` is JSON.
-- The id is a function of what happened, so that an event told twice is one row.
CREATE TABLE IF NOT EXISTS model_events
(
    id      String,
    at      DateTime64(3, 'UTC'),
    kind    LowCardinality(String),
    model   String,
    detail  String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
