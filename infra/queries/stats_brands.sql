-- What counts now, by brand.
SELECT
    toString(brand) AS brand_name,
    count(),
    countIf(sentiment = 'negative'),
    countIf(sentiment = 'neutral'),
    countIf(sentiment = 'positive'),
    countIf(is_backfill),
    min(published_at),
    max(published_at),
    max(kept_days)
FROM counted_posts
GROUP BY brand_name
ORDER BY brand_name
SETTINGS do_not_merge_across_partitions_select_final = 1
