-- Brands and hours whose counts are missing or no longer hold: what was written to after an insert;
-- what was counted in another era or under another scoring, or before 0020; if asked for, what is past its time.
WITH
    (
        SELECT (groupArray(of_brand), groupArray(newest))
        FROM (SELECT toString(brand) AS of_brand, max(number) AS newest FROM scorings GROUP BY brand)
    ) AS switched,
    (SELECT (groupArray(month), groupArray(era)) FROM post_eras) AS eras
SELECT brand, toStartOfHour(published_at) AS hour
FROM posts
WHERE toUInt64(splitByChar('_', _part)[3]) > {block:UInt64} AND _block_number > {block:UInt64}
UNION DISTINCT
SELECT brand, hour
FROM hour_counts FINAL
WHERE era != arrayElement(eras.2, indexOf(eras.1, toYYYYMM(hour)))
   OR scoring != arrayElement(switched.2, indexOf(switched.1, toString(brand)))
   OR NOT looked
   OR ({expired:UInt8} AND expires_at <= now())
