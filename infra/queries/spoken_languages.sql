-- Languages of the posts of a span, the commonest first.
SELECT toString(lang) AS language
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
GROUP BY language
ORDER BY count() DESC, language
LIMIT 30
SETTINGS do_not_merge_across_partitions_select_final = 1
