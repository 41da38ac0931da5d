-- What counted hours have to agree with. Of each month's files their era, as in post_eras, and the newest
-- insert; the scoring of each brand; the time as epoch second.
SELECT
    'files' AS kind,
    '' AS brand,
    toInt64(partition_id) AS month,
    max(toUInt64OrZero(splitByChar('_', name)[5])) AS number,
    toUInt64(max(max_block_number)) AS newest
FROM system.parts
WHERE database = currentDatabase() AND table = 'posts' AND active
GROUP BY partition_id
UNION ALL
SELECT 'scoring', toString(brand), 0, toUInt64(max(number)), 0 FROM scorings GROUP BY brand
UNION ALL
SELECT 'now', '', 0, toUInt64(toUnixTimestamp(now())), 0
