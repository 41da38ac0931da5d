-- When the first row of a brand and hour is past its time, for some hours (epoch seconds, with commas
-- between). Without FINAL: a row that hides another counts as well. 0 where that is soon or was.
SELECT
    brand,
    toStartOfHour(published_at) AS hour,
    min(kept_since + toIntervalDay(kept_days)) AS first,
    if(first > now() + toIntervalHour({margin:UInt32}), first, toDateTime(0, 'UTC')) AS expires_at
FROM posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND toStartOfHour(published_at) IN
  (
      SELECT toDateTime(toUInt32(arrayJoin(splitByChar(',', {hours:String}))), 'UTC')
  )
GROUP BY brand, hour
