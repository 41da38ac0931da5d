-- Scores by language.
SELECT
    toString(lang) AS "Language",
    count() AS "Posts",
    countIf(sentiment = 'negative') / count() AS "Negative",
    avg(greatest(p_negative, p_neutral, p_positive)) AS "Confidence",
    countIf(abstained) / count() AS "Unsure",
    avg(oov) AS "Unknown words"
FROM counted_posts
WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(published_at)
GROUP BY lang
ORDER BY "Posts" DESC, "Language"
LIMIT 15
