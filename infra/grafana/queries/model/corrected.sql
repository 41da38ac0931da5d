-- Where people put a post right: what the model says and what they say.
SELECT
    toString(sentiment) AS "The model says",
    said AS "People say",
    count() AS "Posts"
FROM
(
    SELECT post_id, any(sentiment) AS sentiment
    FROM counted_posts
    WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(published_at)
      AND post_id IN (SELECT post_id FROM corrections FINAL WHERE NOT withdrawn)
    GROUP BY post_id
) AS posts
INNER JOIN
(
    SELECT post_id, toString(label) AS said FROM corrections FINAL WHERE NOT withdrawn
) AS labels USING (post_id)
GROUP BY "The model says", "People say"
ORDER BY "Posts" DESC, "The model says", "People say"
