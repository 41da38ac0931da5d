-- All brands side by side, against the same length of time before.
SELECT
    toString(brand) AS "Brand",
    sumIf(posts, is_now) AS "Posts",
    sumIf(posts, is_now) / nullIf(sumIf(posts, NOT is_now), 0) - 1 AS "More posts than before",
    sumIf(negative, is_now) / nullIf(sumIf(posts, is_now), 0) AS "Negative share",
    100 * ("Negative share" - sumIf(negative, NOT is_now) / nullIf(sumIf(posts, NOT is_now), 0))
        AS "Change of the share"
FROM
(
    SELECT brand, posts, negative, at >= $__fromTime AS is_now
    FROM post_looks(
        since = toUnixTimestamp($__fromTime - ($__toTime - $__fromTime)) * 1000,
        turn = toUnixTimestamp($__fromTime) * 1000,
        until = toUnixTimestamp($__toTime) * 1000 + 1,
        step = 3600)
)
GROUP BY brand
ORDER BY "Negative share" DESC, "Brand"
