-- Posts and negative ones by brand and step of so many minutes. Hours that are known to hold are read
-- from hour_counts; what was written to after insert {block}, was counted after it, or no longer holds
-- is read from posts, and so are the ends of the span that are no whole hours. See infra/hours.py.
-- Posts are read as in counted_posts, but those of other hours are left out before FINAL and not after
-- it, which halves the time: rows of one post have one brand and hour, so it keeps the same rows.
WITH
    (
        SELECT (groupArray(of_brand), groupArray(newest))
        FROM (SELECT toString(brand) AS of_brand, max(number) AS newest FROM scorings GROUP BY brand)
    ) AS switched,
    (SELECT (groupArray(month), groupArray(era)) FROM post_eras) AS eras,
    touched AS
    (
        SELECT DISTINCT brand, toStartOfHour(published_at) AS hour
        FROM posts
        WHERE toUInt64(splitByChar('_', _part)[3]) > {block:UInt64} AND _block_number > {block:UInt64}
          AND published_at >= fromUnixTimestamp64Milli({first:Int64}, 'UTC')
          AND published_at < fromUnixTimestamp64Milli({last:Int64}, 'UTC')
    ),
    counted AS
    (
        SELECT
            brand,
            hour,
            if({step:UInt32} = 60, [arraySum(volumes)], volumes) AS posts_of,
            if({step:UInt32} = 60, [arraySum(negatives)], negatives) AS negative_of,
            block <= {block:UInt64}
                AND era = arrayElement(eras.2, indexOf(eras.1, toYYYYMM(hour)))
                AND scoring = arrayElement(switched.2, indexOf(switched.1, toString(brand)))
                AND expires_at > now() AS holds
        FROM hour_counts FINAL
        WHERE hour >= fromUnixTimestamp64Milli({first:Int64}, 'UTC')
          AND hour < fromUnixTimestamp64Milli({last:Int64}, 'UTC')
    )
SELECT brand, toInt64(toUnixTimestamp(at)) AS start, sum(posts), sum(negative_posts)
FROM
(
    SELECT
        brand,
        toStartOfInterval(hour + toIntervalMinute(5 * (place - 1)), toIntervalMinute({step:UInt32})) AS at,
        toUInt64(shown) AS posts,
        toUInt64(shown_negative) AS negative_posts
    FROM counted
    ARRAY JOIN posts_of AS shown, negative_of AS shown_negative, arrayEnumerate(posts_of) AS place
    WHERE holds AND shown > 0 AND (brand, hour) NOT IN (SELECT brand, hour FROM touched)
    UNION ALL
    SELECT
        brand,
        toStartOfInterval(published_at, toIntervalMinute({step:UInt32})) AS at,
        count() AS posts,
        countIf(
            if(
                next_scoring > 0
                    AND next_scoring <= arrayElement(switched.2, indexOf(switched.1, toString(brand))),
                next_sentiment,
                sentiment) = 'negative') AS negative_posts
    FROM posts FINAL
    PREWHERE toStartOfHour(published_at) < fromUnixTimestamp64Milli({first:Int64}, 'UTC')
        OR toStartOfHour(published_at) >= fromUnixTimestamp64Milli({last:Int64}, 'UTC')
        OR (brand, toStartOfHour(published_at)) IN
        (
            SELECT brand, hour FROM touched
            UNION DISTINCT
            SELECT brand, hour FROM counted WHERE NOT holds
        )
    WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
      AND kept_since + toIntervalDay(kept_days) > now()
    GROUP BY brand, at
)
GROUP BY brand, at
ORDER BY brand, at
SETTINGS
    do_not_merge_across_partitions_select_final = 1,
    enable_shared_storage_snapshot_in_query = 1  -- all its parts see the same rows of posts
