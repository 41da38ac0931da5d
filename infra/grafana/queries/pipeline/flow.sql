-- Posts a second that count, by the source they were published on.
SELECT
    $__timeInterval(published_at) AS time,
    toString(source) AS source,
    count() / $__interval_s AS "Value"
FROM counted_posts
WHERE $__timeFilter(published_at)
GROUP BY time, source
ORDER BY time, source
