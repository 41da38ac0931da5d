-- The span in one line, and what changed against the same length of time before it.
SELECT
    countIf(is_now) AS "Posts",
    countIf(is_now) / nullIf(countIf(NOT is_now), 0) - 1 AS "More posts than before",
    countIf(is_now AND is_negative) AS "Negative posts",
    countIf(is_now AND is_negative) / nullIf(countIf(is_now), 0) AS "Negative share",
    100 * ("Negative share" - countIf(NOT is_now AND is_negative) / nullIf(countIf(NOT is_now), 0))
        AS "Change of the share",
    uniqExactIf(source, author, is_now) AS "Authors",
    countIf(is_now AND repeats) / nullIf(countIf(is_now), 0) AS "Repeats"
FROM
(
    SELECT
        published_at >= $__fromTime AS is_now,
        sentiment = 'negative' AS is_negative,
        is_duplicate OR is_repost AS repeats,
        source,
        author
    FROM counted_posts
    WHERE brand IN (${brand:sqlstring})
      AND published_at >= $__fromTime - ($__toTime - $__fromTime)
      AND published_at <= $__toTime
)
