-- How many truths fell into the intervals that were told within the hour before, over time.
SELECT
    $__timeInterval(bucket) AS time,
    sum(inside80) / sum(count) AS "In the 80 % interval",
    sum(inside95) / sum(count) AS "In the 95 % interval"
FROM forecast_scores FINAL
WHERE brand IN (${brand:sqlstring}) AND series = ${series:sqlstring} AND step = ${step:sqlstring}
  AND band = 1 AND $__timeFilter(bucket)
GROUP BY time
ORDER BY time
