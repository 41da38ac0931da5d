-- The era of each partition of posts, by its month as YYYYMM.
SELECT month, era FROM post_eras
