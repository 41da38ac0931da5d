-- Errors by how long before the forecast was made.
SELECT
    concat(toString(band), ' h') AS "Hours ahead",
    sumIf(error / scale, scale > 0) / nullIf(sumIf(count, scale > 0), 0) AS "Told",
    sumIf(own_error / scale, scale > 0) / nullIf(sumIf(count, scale > 0), 0) AS "The model alone",
    sumIf(naive_error / scale, scale > 0) / nullIf(sumIf(count, scale > 0), 0) AS "Last week"
FROM forecast_scores FINAL
WHERE brand IN (${brand:sqlstring}) AND series = ${series:sqlstring} AND step = ${step:sqlstring}
  AND $__timeFilter(bucket)
GROUP BY band
ORDER BY band
