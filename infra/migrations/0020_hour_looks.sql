-- What the scores of an hour look like, counted with hour_counts and true as long as these are
-- (infra/hours.py): so dashboards need not read a month of posts. Nothing is shown of a row that was counted
-- before, until it is counted again.
-- The arrays go together: so many posts of a source, language and model; negative, unsure and scored again
-- later; sums of confidence and of the share of unknown words.
ALTER TABLE hour_counts ADD COLUMN IF NOT EXISTS looked UInt8 DEFAULT 0;
ALTER TABLE hour_counts ADD COLUMN IF NOT EXISTS sources Array(LowCardinality(String)) CODEC(ZSTD(1));
ALTER TABLE hour_counts ADD COLUMN IF NOT EXISTS langs Array(LowCardinality(String)) CODEC(ZSTD(1));
ALTER TABLE hour_counts ADD COLUMN IF NOT EXISTS models Array(LowCardinality(String)) CODEC(ZSTD(1));
ALTER TABLE hour_counts ADD COLUMN IF NOT EXISTS posts_of Array(UInt32) CODEC(ZSTD(1));
ALTER TABLE hour_counts ADD COLUMN IF NOT EXISTS negatives_of Array(UInt32) CODEC(ZSTD(1));
ALTER TABLE hour_counts ADD COLUMN IF NOT EXISTS unsure_of Array(UInt32) CODEC(ZSTD(1));
ALTER TABLE hour_counts ADD COLUMN IF NOT EXISTS rescored_of Array(UInt32) CODEC(ZSTD(1));
ALTER TABLE hour_counts ADD COLUMN IF NOT EXISTS confidence_of Array(Float64) CODEC(ZSTD(1));
ALTER TABLE hour_counts ADD COLUMN IF NOT EXISTS unknown_of Array(Float64) CODEC(ZSTD(1));

-- What dashboards ask: posts from `since` to before `until` (milliseconds). They tell apart no more than
-- those before and after `turn`, and steps of so many seconds; so a row is a post, or several of an hour.
-- This form is a cluster's, where the one below is not: it has no counts by the hour.
CREATE OR REPLACE VIEW post_looks AS
SELECT
    brand,
    published_at AS at,
    source,
    lang,
    model,
    toUInt32(1) AS posts,
    toUInt32(sentiment = 'negative') AS negative,
    toUInt32(abstained) AS unsure,
    toUInt32(is_rescored) AS rescored,
    toFloat64(greatest(greatest(p_negative, p_neutral), p_positive)) AS confidence,
    toFloat64(oov) AS unknown
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND {step:UInt32} > 0 AND {turn:Int64} >= 0;

-- The mark, as in hours_known.sql; 0 where there is none that holds, or where the parts of a query may see
-- different rows of posts.
CREATE OR REPLACE VIEW held_mark AS
WITH
    (
        SELECT max(max_block_number)
        FROM system.parts
        WHERE database = currentDatabase() AND table = 'posts' AND active
    ) AS newest,
    (
        SELECT count()
        FROM system.mutations
        WHERE database = currentDatabase() AND table = 'posts' AND NOT is_done
    ) AS changes,
    (
        SELECT count()
        FROM system.tables
        WHERE database = currentDatabase() AND name = 'posts' AND engine = 'ReplacingMergeTree'
    ) AS ordered
SELECT
    if(
        ordered = 1 AND max(at) > now() - toIntervalHour(12) AND max(block) <= newest AND changes = 0
            AND getSettingOrDefault('enable_shared_storage_snapshot_in_query', false),
        max(block),
        0) AS marked
FROM hour_marks FINAL;

-- Views of their own, so that a query opens them after its mark is known, see below; narrow ones, since to
-- plan a view of many columns takes longer than to read it.
CREATE OR REPLACE VIEW known_hours AS
SELECT brand, hour, block, era, scoring, expires_at, looked FROM hour_counts FINAL;

CREATE OR REPLACE VIEW known_looks AS
SELECT
    brand, hour, sources, langs, models, posts_of, negatives_of, unsure_of, rescored_of, confidence_of,
    unknown_of
FROM hour_counts FINAL;

-- The mark; and the hours that hold no longer or were written to since, as in hours_shown.sql. No mark where
-- these are many, as they all are after files were rewritten, until they are counted again: to look each row
-- up among them would take longer than to read every post.
CREATE OR REPLACE VIEW hour_state AS
WITH
    (SELECT marked FROM held_mark) AS marked,
    (SELECT (groupArray(month), groupArray(era)) FROM post_eras) AS eras,
    (
        SELECT (groupArray(of_brand), groupArray(newest))
        FROM (SELECT toString(brand) AS of_brand, max(number) AS newest FROM scorings GROUP BY brand)
    ) AS switched
SELECT
    if(count() > 5000, 0, marked) AS held,
    groupArray(5000)((toString(brand), hour)) AS loose
FROM
(
    SELECT brand, toStartOfHour(published_at) AS hour
    FROM posts
    WHERE marked > 0 AND toUInt64(splitByChar('_', _part)[3]) > marked AND _block_number > marked
    UNION DISTINCT
    SELECT brand, hour
    FROM known_hours
    WHERE NOT
    (
        looked
        AND block <= marked
        AND era = arrayElement(eras.2, indexOf(eras.1, toYYYYMM(hour)))
        AND scoring = arrayElement(switched.2, indexOf(switched.1, toString(brand)))
        AND expires_at > now()
    )
);

-- As above, with whole hours from hour_counts; loose ones are read from posts, and so are hours that the span
-- or the turn cuts. What decides between the two is asked once and first: a scalar is worked out once in a
-- query and while it is analysed, a view in FROM is opened when it is planned. So each hour is told by one of
-- both, and counts are at least as new as the mark.
-- Posts are read as in counted_posts, but those of other hours are left out before FINAL and not after it:
-- rows of one post have one brand and hour. Loose hours stand apart, so that the sort key finds them.
CREATE OR REPLACE VIEW post_looks AS
WITH
    toDateTime64(toStartOfHour(fromUnixTimestamp64Milli({since:Int64}, 'UTC')), 3, 'UTC') AS first,
    toDateTime64(toStartOfHour(fromUnixTimestamp64Milli({turn:Int64}, 'UTC')), 3, 'UTC') AS middle,
    toDateTime64(toStartOfHour(fromUnixTimestamp64Milli({until:Int64}, 'UTC')), 3, 'UTC') AS last,
    (SELECT (held, loose) FROM hour_state) AS state,
    (
        SELECT (groupArray(of_brand), groupArray(newest))
        FROM (SELECT toString(brand) AS of_brand, max(number) AS newest FROM scorings GROUP BY brand)
    ) AS switched,
    {step:UInt32} % 3600 = 0 AND state.1 > 0 AS by_hour
SELECT
    brand,
    toDateTime64(hour, 3, 'UTC') AS at,
    source,
    lang,
    model,
    posts,
    negative,
    unsure,
    rescored,
    confidence,
    unknown
FROM known_looks
ARRAY JOIN
    sources AS source,
    langs AS lang,
    models AS model,
    posts_of AS posts,
    negatives_of AS negative,
    unsure_of AS unsure,
    rescored_of AS rescored,
    confidence_of AS confidence,
    unknown_of AS unknown
WHERE by_hour AND hour >= first AND hour < last
  AND NOT (hour = first AND {since:Int64} % 3600000 > 0)
  AND NOT (hour = middle AND {turn:Int64} % 3600000 > 0)
  AND (brand, hour) NOT IN state.2
UNION ALL
SELECT
    posts.brand AS brand,
    published_at AS at,
    posts.source AS source,
    posts.lang AS lang,
    if(is_rescored, next_model, posts.model) AS model,
    toUInt32(1) AS posts,
    toUInt32(if(is_rescored, next_sentiment = 'negative', sentiment = 'negative')) AS negative,
    toUInt32(if(is_rescored, next_abstained, abstained)) AS unsure,
    toUInt32(is_rescored) AS rescored,
    toFloat64(if(
        is_rescored,
        greatest(greatest(next_p_negative, next_p_neutral), next_p_positive),
        greatest(greatest(p_negative, p_neutral), p_positive))) AS confidence,
    toFloat64(if(is_rescored, next_oov, oov)) AS unknown
FROM
(
    SELECT
        *,
        next_scoring > 0
            AND next_scoring <= arrayElement(switched.2, indexOf(switched.1, toString(brand)))
            AS is_rescored
    FROM
    (
        SELECT *
        FROM posts FINAL
        PREWHERE published_at >= first AND published_at < last + toIntervalHour(1)
            AND
            (
                NOT by_hour
                OR (published_at < first + toIntervalHour(1) AND {since:Int64} % 3600000 > 0)
                OR (
                    published_at >= middle AND published_at < middle + toIntervalHour(1)
                        AND {turn:Int64} % 3600000 > 0)
                OR published_at >= last
            )
        UNION ALL
        SELECT *
        FROM posts FINAL
        PREWHERE by_hour AND published_at >= first AND published_at < last
            AND NOT (published_at < first + toIntervalHour(1) AND {since:Int64} % 3600000 > 0)
            AND NOT (
                published_at >= middle AND published_at < middle + toIntervalHour(1)
                    AND {turn:Int64} % 3600000 > 0)
            AND (brand, toStartOfHour(published_at)) IN state.2
    )
    WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
      AND kept_since + toIntervalDay(kept_days) > now()
) AS posts;
