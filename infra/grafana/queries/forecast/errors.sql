-- Errors of forecasts of the next hour, over time.
SELECT
    $__timeInterval(bucket) AS time,
    sumIf(error / scale, scale > 0) / nullIf(sumIf(count, scale > 0), 0) AS "Told",
    sumIf(naive_error / scale, scale > 0) / nullIf(sumIf(count, scale > 0), 0) AS "Last week"
FROM forecast_scores FINAL
WHERE brand IN (${brand:sqlstring}) AND series = ${series:sqlstring} AND step = ${step:sqlstring}
  AND band = 1 AND $__timeFilter(bucket)
GROUP BY time
ORDER BY time
