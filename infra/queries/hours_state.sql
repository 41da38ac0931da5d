-- What a counted hour has to agree with: the era of each month's files, the scoring of each brand, and the
-- time as epoch second.
SELECT 'era' AS kind, '' AS brand, toInt64(month) AS of_month, era AS number FROM post_eras
UNION ALL
SELECT 'scoring', toString(brand), 0, toUInt64(max(number)) FROM scorings GROUP BY brand
UNION ALL
SELECT 'now', '', 0, toUInt64(toUnixTimestamp(now()))
