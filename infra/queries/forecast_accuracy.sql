-- How good forecasts were since a time: by brand, series, step and band. Only errors whose scale is
-- known go into MASE.
SELECT
    brand, series, step, band,
    sum(count),
    ifNotFinite(sumIf(error / scale, scale > 0) / sumIf(count, scale > 0), 0),
    ifNotFinite(sumIf(naive_error / scale, scale > 0) / sumIf(count, scale > 0), 0),
    ifNotFinite(sumIf(pinball / scale, scale > 0) / sumIf(count, scale > 0), 0),
    sum(inside80) / sum(count),
    sum(inside95) / sum(count),
    argMax(model, bucket)
FROM forecast_scores FINAL
WHERE ({brand:String} = '' OR brand = {brand:String})
  AND bucket >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
GROUP BY brand, series, step, band
ORDER BY brand, series, step, band
