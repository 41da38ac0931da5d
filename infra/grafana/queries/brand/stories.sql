-- What was said by several posts in (nearly) the same words: how often, by how many, how it began.
SELECT
    count() AS "Posts",
    uniqExact(source, author) AS "Authors",
    countIf(sentiment = 'negative') / count() AS "Negative",
    replaceRegexpAll(leftUTF8(argMin(text, published_at), 200), '\\s+', ' ') AS "First said",
    toDateTime(min(published_at)) AS "Began"
FROM counted_posts
WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(published_at) AND cluster_id != 0
GROUP BY cluster_id
HAVING "Posts" > 1
ORDER BY "Posts" DESC, "Began" DESC
LIMIT 10
