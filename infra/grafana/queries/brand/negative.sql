-- Negative posts beside what was forecast before each step began: steps of five minutes, or of an hour
-- where the time is long. A step without posts has none; one that is not over yet has no count.
SELECT
    bucket AS time,
    if(bucket + if($__interval_s > 300, 3600, 300) <= least(now(), $__toTime), sum(posts), NULL)
        AS "Negative posts",
    sum(mean) AS "Expected",
    sum(lower) AS "Lowest expected",
    sum(upper) AS "Highest expected"
FROM
(
    SELECT
        toStartOfInterval(toDateTime(published_at), toIntervalSecond(if($__interval_s > 300, 3600, 300)))
            AS bucket,
        count() AS posts,
        NULL AS mean,
        NULL AS lower,
        NULL AS upper
    FROM counted_posts
    WHERE brand IN (${brand:sqlstring}) AND sentiment = 'negative'
      AND $__timeFilter(published_at)
    GROUP BY bucket
    UNION ALL
    SELECT
        toStartOfInterval($__fromTime, toIntervalSecond(if($__interval_s > 300, 3600, 300)))
            + number * if($__interval_s > 300, 3600, 300) AS bucket,
        0, NULL, NULL, NULL
    FROM numbers(toUInt64(intDiv($__toTime - $__fromTime, if($__interval_s > 300, 3600, 300))))
    UNION ALL
    SELECT bucket, 0, argMax(mean, made_at), argMax(lower, made_at), argMax(upper, made_at)
    FROM forecasts FINAL
    WHERE brand IN (${brand:sqlstring}) AND series = 'negative'
      AND step = if($__interval_s > 300, '60m', '5m') AND made_at <= bucket
      AND $__timeFilter(bucket)
    GROUP BY brand, bucket
)
GROUP BY bucket
ORDER BY time
