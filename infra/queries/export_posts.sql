-- A page of a brand's posts within a span, in the order of the table's key, after the last one seen.
-- `found` is more than the rows that come where their texts are more than {bytes}.
SELECT * EXCEPT (size)
FROM
(
    SELECT
        *,
        count() OVER () AS found,
        sum(length(text) + length(url) + length(author) + 200)
            OVER (ORDER BY hour, post_id ROWS UNBOUNDED PRECEDING) AS size
    FROM
    (
        SELECT toUnixTimestamp(toStartOfHour(published_at))::Int64 AS hour, post_id, brand, published_at, source, author,
               followers, lang, text, url, received_at, scored_at, stored_at, cluster_id,
               is_duplicate, is_repost, is_spam, is_backfill, sentiment, p_negative, p_neutral,
               p_positive, abstained, oov, model, query
        FROM counted_posts
        WHERE brand = {brand:String}
          AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
          AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
          AND (hour, post_id) > ({hour:Int64}, unhex({post_id:String}))
        ORDER BY hour, post_id
        LIMIT {limit:Int64}
    )
)
WHERE size <= {bytes:Int64}
ORDER BY hour, post_id
SETTINGS do_not_merge_across_partitions_select_final = 1
