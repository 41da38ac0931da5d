-- How sure scores are, how many are unsure, and how many words are unknown, over time.
SELECT
    $__timeInterval(published_at) AS time,
    avg(greatest(p_negative, p_neutral, p_positive)) AS "Confidence",
    countIf(abstained) / count() AS "Unsure",
    avg(oov) AS "Unknown words"
FROM counted_posts
WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(published_at)
GROUP BY time
ORDER BY time
