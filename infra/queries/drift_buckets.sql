-- What scores of 5 minutes look like, each post once, whatever it was about. `english_model`: the
-- one that read the last English post, for a change of the model is no drift.
SELECT
    toStartOfFiveMinutes(published) AS bucket,
    count() AS posts,
    avg(sure) AS confidence,
    avg(unknown) AS oov,
    argMaxIf(made_by, (published, id), code = 'en') AS english_model,
    sumMap([toString(code)], [toUInt64(1)]) AS by_code,
    by_code.1 AS codes,
    by_code.2 AS counts
FROM
(
    SELECT
        post_id AS id,
        any(published_at) AS published,
        any(greatest(p_negative, p_neutral, p_positive)) AS sure,
        any(oov) AS unknown,
        any(model) AS made_by,
        any(lang) AS code
    FROM counted_posts
    WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
    GROUP BY post_id
)
GROUP BY bucket
HAVING posts >= {least:UInt32}
ORDER BY bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
