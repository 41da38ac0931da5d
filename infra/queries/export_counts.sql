-- Buckets of a brand in a span: what counts now, and what was told of it. A bucket that was told of
-- and has no post any more is there with zeros.
SELECT
    bucket,
    sum(volumes) AS volume,
    sum(negatives) AS negative,
    sum(neutrals) AS neutral,
    sum(positives) AS positive,
    sum(voice) AS voices,
    sum(negative_voice) AS negative_voices,
    sum(backfilled) AS backfill,
    max(reports) AS reports,
    max(first_volume) AS reported_volume,
    max(first_negative) AS reported_negative,
    max(last_volume) AS restated_volume,
    max(last_negative) AS restated_negative
FROM
(
    SELECT
        toStartOfFiveMinutes(published_at) AS bucket,
        count() AS volumes,
        countIf(sentiment = 'negative') AS negatives,
        countIf(sentiment = 'neutral') AS neutrals,
        countIf(sentiment = 'positive') AS positives,
        countIf(NOT is_duplicate AND NOT is_repost AND NOT is_spam) AS voice,
        countIf(NOT is_duplicate AND NOT is_repost AND NOT is_spam AND sentiment = 'negative')
            AS negative_voice,
        countIf(is_backfill) AS backfilled,
        toUInt64(0) AS reports,
        toUInt64(0) AS first_volume,
        toUInt64(0) AS first_negative,
        toUInt64(0) AS last_volume,
        toUInt64(0) AS last_negative
    FROM counted_posts
    WHERE brand = {brand:String}
      AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
    GROUP BY bucket
    UNION ALL
    SELECT
        bucket, 0, 0, 0, 0, 0, 0, 0,
        count(),
        argMin(volume, number),
        argMin(negative, number),
        argMax(volume, number),
        argMax(negative, number)
    FROM bucket_reports FINAL
    WHERE brand = {brand:String}
      AND bucket >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND bucket < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
    GROUP BY bucket
)
GROUP BY bucket
ORDER BY bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
