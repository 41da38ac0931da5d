-- What the line remembers of its own health, which topic a message was for, and the posts that count.
ALTER TABLE dead_letters ADD COLUMN IF NOT EXISTS topic LowCardinality(String) DEFAULT 'posts.raw';
ALTER TABLE outbox ADD COLUMN IF NOT EXISTS topic LowCardinality(String) DEFAULT 'posts.raw';

-- Posts of an author are looked for when the author goes.
ALTER TABLE posts ADD INDEX IF NOT EXISTS by_author author TYPE bloom_filter GRANULARITY 4;

-- What a process had in hand, so that the next one can tell a message that kills its reader.
-- `first`: of a part of a message the number of its first post; -1 is the whole message.
CREATE TABLE IF NOT EXISTS attempts
(
    stage      LowCardinality(String),
    consumers  String,
    topic      LowCardinality(String),
    partition  UInt32,
    offset     Int64,
    first      Int32,
    version    UInt64,
    tries      UInt32,
    at         DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (stage, consumers, topic, partition, offset, first)
TTL at + INTERVAL 7 DAY DELETE
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- What stages did to heal themselves. `kind`: stalled, poisoned, memory or crashed.
CREATE TABLE IF NOT EXISTS stage_events
(
    id      String,
    at      DateTime64(3, 'UTC'),
    stage   LowCardinality(String),
    kind    LowCardinality(String),
    detail  String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- The posts that count, each once, with the score that counts: every number anyone sees is read from
-- here. A later scoring counts once its brand was switched to it; what is past its time is not there,
-- merged away or not.
CREATE VIEW IF NOT EXISTS counted_posts AS
WITH
(
    SELECT (groupArray(of_brand), groupArray(newest))
    FROM (SELECT toString(brand) AS of_brand, max(number) AS newest FROM scorings GROUP BY brand)
) AS switched
SELECT
    * EXCEPT (sentiment, p_negative, p_neutral, p_positive, model, abstained, oov, is_deleted,
              next_sentiment, next_p_negative, next_p_neutral, next_p_positive, next_model,
              next_abstained, next_oov),
    next_scoring > 0
        AND next_scoring <= arrayElement(switched.2, indexOf(switched.1, toString(brand)))
        AS is_rescored,
    if(is_rescored, next_sentiment, sentiment) AS sentiment,
    if(is_rescored, next_p_negative, p_negative) AS p_negative,
    if(is_rescored, next_p_neutral, p_neutral) AS p_neutral,
    if(is_rescored, next_p_positive, p_positive) AS p_positive,
    if(is_rescored, next_model, model) AS model,
    if(is_rescored, next_abstained, abstained) AS abstained,
    if(is_rescored, next_oov, oov) AS oov
FROM posts FINAL
WHERE kept_since + toIntervalDay(kept_days) > now();

-- Who saw a post first, of two processes that both did: no claim replaces another.
ALTER TABLE post_keys ADD COLUMN IF NOT EXISTS claim String, MODIFY ORDER BY (post_id, claim);
