-- The brand of a post that is asked for, when it was published and its cluster; the id comes as hex.
SELECT published_at, cluster_id
FROM counted_posts
WHERE brand = {brand:String}
  AND post_id = unhex({post_id:String})
  AND published_at IN (SELECT published_at FROM post_keys WHERE post_id = unhex({post_id:String}))
LIMIT 1
SETTINGS do_not_merge_across_partitions_select_final = 1
