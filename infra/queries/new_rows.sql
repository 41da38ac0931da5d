-- What inserts after {block} wrote, by brand, and in all (is_all): rows, posts, and how long after
-- they were published they were stored, in the median; of old posts, how long after their receipt.
-- Without FINAL: it is asked what came. `within`: of so many seconds, where it is not of those inserts.
SELECT
    grouping(brand) = 1 AS is_all,
    toString(brand) AS of_brand,
    count() AS rows,
    uniqExact(post_id) AS posts,
    quantile(0.5)(
        dateDiff(
            'millisecond',
            if(published_at > stored_at - toIntervalDay(1) AND published_at <= stored_at,
                published_at, received_at),
            stored_at
        ) / 1000
    ) AS seconds,
    0 AS within
FROM posts
WHERE toUInt64(splitByChar('_', _part)[3]) > {block:UInt64} AND _block_number > {block:UInt64}
GROUP BY GROUPING SETS ((brand), ())
