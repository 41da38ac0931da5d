-- Of each band of leads the forecast that was made longest before the hour `until` began, for every
-- bucket of that hour: the band's farthest, so that no accuracy is flattered. Made at `made` or later:
-- what was told before other posts came to be counted cannot be held to them.
SELECT
    series, step, bucket, band,
    argMin(quantiles, made_at), argMin(own, made_at), argMin(naive, made_at), argMin(model, made_at)
FROM
(
    SELECT *,
        dateDiff('second', made_at, toStartOfHour(bucket)) / 3600 + 1 AS lead,
        multiIf(lead <= 1, 1, lead <= 6, 6, lead <= 24, 24, lead <= 72, 72, lead <= 168, 168, 336) AS band
    FROM forecasts FINAL
    WHERE brand = {brand:String}
      AND bucket >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND bucket < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
      AND notEmpty(quantiles) AND made_at <= toStartOfHour(bucket)
      AND made_at >= fromUnixTimestamp64Milli({made:Int64}, 'UTC')
)
GROUP BY series, step, bucket, band
ORDER BY series, step, band, bucket
