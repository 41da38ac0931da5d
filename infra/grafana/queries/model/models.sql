-- Which model gave the scores that count.
SELECT $__timeInterval(published_at) AS time, toString(model) AS model, count() AS "Value"
FROM counted_posts
WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(published_at)
GROUP BY time, model
ORDER BY time, model
