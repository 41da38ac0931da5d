-- How a story spread: by step of so many minutes its posts, those that repeat another, and accounts
-- heard for the first time. Negative posts only, or of every mood.
WITH
    told AS
    (
        SELECT published_at, source, author, is_repost OR is_duplicate AS repeats
        FROM counted_posts
        WHERE brand = {brand:String}
          AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
          AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
          AND (sentiment = 'negative' OR {all:UInt8})
          AND NOT is_backfill
    )
SELECT toInt64(toUnixTimestamp(step)) AS start, sum(posts), sum(repeated), sum(fresh)
FROM
(
    SELECT
        toStartOfInterval(published_at, toIntervalMinute({step:UInt32}), 'UTC') AS step,
        count() AS posts, countIf(repeats) AS repeated, 0 AS fresh
    FROM told
    GROUP BY step
    UNION ALL
    SELECT
        toStartOfInterval(first, toIntervalMinute({step:UInt32}), 'UTC') AS step,
        0 AS posts, 0 AS repeated, count() AS fresh
    FROM (SELECT min(published_at) AS first FROM told WHERE author != '' GROUP BY source, author)
    GROUP BY step
)
GROUP BY start
ORDER BY start
SETTINGS do_not_merge_across_partitions_select_final = 1
