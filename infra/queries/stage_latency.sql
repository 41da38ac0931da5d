-- How long posts of a span took from stage to stage, in seconds: the median, 95 and 99 of 100. What was
-- fetched later is left out: it waited elsewhere.
SELECT
    count(),
    quantiles(0.5, 0.95, 0.99)(dateDiff('millisecond', published_at, received_at) / 1000),
    quantiles(0.5, 0.95, 0.99)(dateDiff('millisecond', received_at, scored_at) / 1000),
    quantiles(0.5, 0.95, 0.99)(dateDiff('millisecond', scored_at, stored_at) / 1000),
    quantiles(0.5, 0.95, 0.99)(dateDiff('millisecond', received_at, stored_at) / 1000)
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND NOT is_backfill
SETTINGS do_not_merge_across_partitions_select_final = 1
