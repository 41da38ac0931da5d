-- In which languages negative posts are written; und is one that nobody could name.
SELECT toString(lang) AS "Language", count() AS "Negative posts"
FROM counted_posts
WHERE brand IN (${brand:sqlstring}) AND sentiment = 'negative' AND $__timeFilter(published_at)
GROUP BY lang
ORDER BY "Negative posts" DESC, "Language"
LIMIT 8
