-- How many of a brand's posts of a span say nearly the same as each of some (ids with commas between).
SELECT cluster_id, count()
FROM counted_posts
WHERE brand = {brand:String}
  AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND cluster_id IN (SELECT toUInt64(arrayJoin(splitByChar(',', {clusters:String}))))
GROUP BY cluster_id
SETTINGS do_not_merge_across_partitions_select_final = 1
