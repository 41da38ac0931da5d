-- All brands side by side, against the same length of time before.
SELECT
    toString(brand) AS "Brand",
    countIf(is_now) AS "Posts",
    countIf(is_now) / nullIf(countIf(NOT is_now), 0) - 1 AS "More posts than before",
    countIf(is_now AND is_negative) / nullIf(countIf(is_now), 0) AS "Negative share",
    100 * ("Negative share" - countIf(NOT is_now AND is_negative) / nullIf(countIf(NOT is_now), 0))
        AS "Change of the share"
FROM
(
    SELECT
        brand,
        published_at >= $__fromTime AS is_now,
        sentiment = 'negative' AS is_negative
    FROM counted_posts
    WHERE published_at >= $__fromTime - ($__toTime - $__fromTime) AND published_at <= $__toTime
)
GROUP BY brand
ORDER BY "Negative share" DESC, "Brand"
