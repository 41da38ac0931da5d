-- Posts of a brand that say nearly the same as one of them, around the time of that one.
SELECT post_id
FROM counted_posts
WHERE brand = {brand:String}
  AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND cluster_id = {cluster_id:UInt64}
ORDER BY published_at, post_id
LIMIT {limit:UInt32}
SETTINGS do_not_merge_across_partitions_select_final = 1
