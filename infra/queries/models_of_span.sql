-- Which models gave the scores that count of the posts of a span, by language.
SELECT toString(model) AS name, toString(lang) AS language, count() AS posts
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
GROUP BY name, language
ORDER BY posts DESC, name, language
LIMIT 100
SETTINGS do_not_merge_across_partitions_select_final = 1
