-- When a brand's newest post was published, and how many there are.
SELECT max(published_at), count()
FROM counted_posts
WHERE brand = {brand:String}
SETTINGS do_not_merge_across_partitions_select_final = 1
