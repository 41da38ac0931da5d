-- Messages that could not be read, as they arrived, by reason; also those that were mended since.
SELECT $__timeInterval(arrived_at) AS time, toString(reason) AS reason, count() AS "Value"
FROM dead_letters FINAL
WHERE $__timeFilter(arrived_at)
GROUP BY time, reason
ORDER BY time, reason
