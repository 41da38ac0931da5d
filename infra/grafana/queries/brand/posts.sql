-- Negative posts that the most people may have seen; of repeats only the first.
SELECT
    toDateTime(published_at) AS "When",
    followers AS "Followers",
    toString(source) AS "Source",
    replaceRegexpAll(leftUTF8(text, 240), '\\s+', ' ') AS "Text",
    url AS "Link"
FROM counted_posts
WHERE brand IN (${brand:sqlstring}) AND sentiment = 'negative' AND $__timeFilter(published_at)
  AND NOT is_repost AND NOT is_duplicate AND NOT is_spam
ORDER BY followers DESC, published_at DESC
LIMIT 20
