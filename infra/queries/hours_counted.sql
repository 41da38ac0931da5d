-- Counts of hours, those together that were counted alike: of a brand and month, in an era, under a scoring.
-- `holds`: not counted after insert {block}, and not past its time, as none of them is before `expires`.
-- `volumes_of` and `negatives_of` have the twelve buckets of each of `hours` in turn, or their sum where a step
-- is 60 minutes.
SELECT
    brand,
    toInt64(toYYYYMM(hour)) AS month,
    era,
    toUInt64(scoring) AS scored,
    block <= {block:UInt64} AND expires_at > now() AS holds,
    toInt64(toUnixTimestamp(min(expires_at))) AS expires,
    groupArray(toInt64(toUnixTimestamp(hour))) AS hours,
    groupArrayArray(if({step:UInt32} = 60, [arraySum(volumes)], volumes)) AS volumes_of,
    groupArrayArray(if({step:UInt32} = 60, [arraySum(negatives)], negatives)) AS negatives_of
FROM hour_counts FINAL
WHERE hour >= fromUnixTimestamp64Milli({first:Int64}, 'UTC')
  AND hour < fromUnixTimestamp64Milli({last:Int64}, 'UTC')
GROUP BY brand, month, era, scored, holds
