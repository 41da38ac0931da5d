-- Buckets of five minutes whose counts are not what the crowd said, and that nothing is learnt from.
SELECT
    $__timeInterval(bucket) AS time,
    replaceAll(toString(quality), '_', ' ') AS quality,
    count() AS "Value"
FROM bucket_quality FINAL
WHERE brand IN (${brand:sqlstring}) AND quality != 'ok' AND $__timeFilter(bucket)
GROUP BY time, quality
ORDER BY time, quality
