-- Which models gave the scores that count.
SELECT toString(model) AS name, count() AS posts
FROM counted_posts
GROUP BY name
ORDER BY posts DESC, name
SETTINGS do_not_merge_across_partitions_select_final = 1
