-- Forecasts of the next hour by brand, the worst first.
SELECT
    toString(brand) AS "Brand",
    sum(count) AS "Truths",
    sumIf(error / scale, scale > 0) / nullIf(sumIf(count, scale > 0), 0) AS "MASE",
    sumIf(naive_error / scale, scale > 0) / nullIf(sumIf(count, scale > 0), 0) AS "MASE of last week",
    sumIf(pinball / scale, scale > 0) / nullIf(sumIf(count, scale > 0), 0) AS "Pinball",
    sum(inside80) / sum(count) AS "In the 80 % interval",
    sum(inside95) / sum(count) AS "In the 95 % interval",
    toString(argMax(model, bucket)) AS "Told by"
FROM forecast_scores FINAL
WHERE brand IN (${brand:sqlstring}) AND series = ${series:sqlstring} AND step = ${step:sqlstring}
  AND band = 1 AND $__timeFilter(bucket)
GROUP BY brand
ORDER BY "MASE" DESC, "Brand"
