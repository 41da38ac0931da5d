-- Posts by mood.
SELECT
    $__timeInterval(published_at) AS time,
    countIf(sentiment = 'negative') AS "Negative",
    countIf(sentiment = 'neutral') AS "Neutral",
    countIf(sentiment = 'positive') AS "Positive"
FROM counted_posts
WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(published_at)
GROUP BY time
ORDER BY time
