-- How good forecasts of the next hour were. MASE: their error over that of last week, on the
-- history they were learnt from; below 1 is better than that.
SELECT
    sum(count) AS "Truths",
    sumIf(error / scale, scale > 0) / nullIf(sumIf(count, scale > 0), 0) AS "MASE",
    sumIf(naive_error / scale, scale > 0) / nullIf(sumIf(count, scale > 0), 0) AS "MASE of last week",
    1 - sum(error) / nullIf(sum(naive_error), 0) AS "Error saved",
    sum(inside80) / nullIf(sum(count), 0) AS "Inside the 80 % interval",
    sum(inside95) / nullIf(sum(count), 0) AS "Inside the 95 % interval"
FROM forecast_scores FINAL
WHERE brand IN (${brand:sqlstring}) AND series = ${series:sqlstring} AND step = ${step:sqlstring}
  AND band = 1 AND $__timeFilter(bucket)
