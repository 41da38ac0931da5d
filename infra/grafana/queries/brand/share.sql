-- The negative share of an hour, and what was forecast before it began. An hour that is not over yet
-- has none.
SELECT
    bucket AS time,
    if(sum(posts) > 0 AND bucket + 3600 <= least(now(), $__toTime), sum(negative) / sum(posts), NULL)
        AS "Negative share",
    avg(mean) AS "Expected",
    avg(lower) AS "Lowest expected",
    avg(upper) AS "Highest expected"
FROM
(
    SELECT
        toStartOfHour(toDateTime(published_at)) AS bucket,
        count() AS posts,
        countIf(sentiment = 'negative') AS negative,
        NULL AS mean,
        NULL AS lower,
        NULL AS upper
    FROM counted_posts
    WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(published_at)
    GROUP BY bucket
    UNION ALL
    SELECT bucket, 0, 0, argMax(mean, made_at), argMax(lower, made_at), argMax(upper, made_at)
    FROM forecasts FINAL
    WHERE brand IN (${brand:sqlstring}) AND series = 'negative_share' AND step = '60m'
      AND made_at <= bucket AND $__timeFilter(bucket)
    GROUP BY brand, bucket
)
GROUP BY bucket
ORDER BY time
