-- A page of the posts that unscored_hours.sql counts, whole rows in the order of their keys, after
-- the post named.
SELECT *
FROM posts FINAL
WHERE brand = {brand:String}
  AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND (toInt64(toUnixTimestamp(toStartOfHour(published_at))) * 1000, post_id) > ({hour:Int64}, {after:String})
  AND next_scoring < {number:UInt32}
  AND NOT
  (
      {whole:UInt8} = 0
      AND next_scoring <= {before:UInt32}
      AND has(
          splitByChar(',', {current:String}),
          concat(hex(lang), ':', hex(if(next_scoring > 0, next_model, model))))
  )
  AND kept_since + toIntervalDay(kept_days) > now()
ORDER BY toStartOfHour(published_at), post_id
LIMIT {limit:UInt32}
SETTINGS do_not_merge_across_partitions_select_final = 1
