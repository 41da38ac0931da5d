-- What was forecast last before each bucket began, of one step; of one brand, or of all where none is
-- named. For buckets ahead: what is forecast now.
SELECT
    brand, series, toInt64(toUnixTimestamp(bucket)) AS start,
    argMax(mean, made_at), argMax(lower, made_at), argMax(upper, made_at)
FROM forecasts FINAL
WHERE ({brand:String} = '' OR brand = {brand:String})
  AND step = {step:String}
  AND bucket >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND bucket < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND made_at <= bucket
GROUP BY brand, series, bucket
ORDER BY brand, series, bucket
