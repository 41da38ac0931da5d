-- How many truths fell into the interval they were to fall into, by how long before it was told.
SELECT
    concat(toString(band), ' h') AS "Hours ahead",
    sum(inside80) / sum(count) AS "In the 80 % interval",
    sum(inside95) / sum(count) AS "In the 95 % interval"
FROM forecast_scores FINAL
WHERE brand IN (${brand:sqlstring}) AND series = ${series:sqlstring} AND step = ${step:sqlstring}
  AND $__timeFilter(bucket)
GROUP BY band
ORDER BY band
