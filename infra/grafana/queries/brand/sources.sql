-- Where negative posts were published.
SELECT toString(source) AS "Source", count() AS "Negative posts"
FROM counted_posts
WHERE brand IN (${brand:sqlstring}) AND sentiment = 'negative' AND $__timeFilter(published_at)
GROUP BY source
ORDER BY "Negative posts" DESC, "Source"
LIMIT 8
