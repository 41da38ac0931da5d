-- When some posts of a brand were published, by id. Ids may hold anything, so they come as hex.
SELECT post_id, published_at
FROM counted_posts
WHERE brand = {brand:String}
  AND post_id IN (SELECT unhex(arrayJoin(splitByChar(',', {ids:String}))))
SETTINGS do_not_merge_across_partitions_select_final = 1
