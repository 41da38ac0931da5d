-- Posts of a span by the version of the query that found them; empty where their feed named the brand.
SELECT toString(brand), toString(query), count()
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
GROUP BY brand, query
SETTINGS do_not_merge_across_partitions_select_final = 1
