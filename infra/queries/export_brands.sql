-- Brands with posts, reports or incidents, and the span of each.
SELECT brand_name, min(first), max(last)
FROM
(
    SELECT toString(brand) AS brand_name, min(published_at) AS first, max(published_at) AS last
    FROM counted_posts
    GROUP BY brand_name
    UNION ALL
    SELECT toString(brand), toDateTime64(min(bucket), 3, 'UTC'), toDateTime64(max(bucket), 3, 'UTC')
    FROM bucket_reports
    GROUP BY brand
    UNION ALL
    SELECT toString(brand), min(at), max(at)
    FROM incident_events
    GROUP BY brand
)
GROUP BY brand_name
ORDER BY brand_name
SETTINGS do_not_merge_across_partitions_select_final = 1
