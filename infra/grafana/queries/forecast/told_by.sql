-- Who was told: a model, or last week in its place.
SELECT toString(model) AS "Told by", sum(count) AS "Truths"
FROM forecast_scores FINAL
WHERE brand IN (${brand:sqlstring}) AND series = ${series:sqlstring} AND step = ${step:sqlstring}
  AND band = 1 AND $__timeFilter(bucket)
GROUP BY model
ORDER BY "Truths" DESC, "Told by"
LIMIT 8
