-- What the scores of some hours (epoch seconds, with commas between) look like: see 0020_hour_looks.sql.
SELECT
    brand,
    hour,
    groupArray(source) AS sources,
    groupArray(lang) AS langs,
    groupArray(model) AS models,
    groupArray(posts) AS posts_of,
    groupArray(negative) AS negatives_of,
    groupArray(unsure) AS unsure_of,
    groupArray(rescored) AS rescored_of,
    groupArray(confidence) AS confidence_of,
    groupArray(unknown) AS unknown_of
FROM
(
    SELECT
        toString(brand) AS brand,
        toStartOfHour(published_at) AS hour,
        toString(source) AS source,
        toString(lang) AS lang,
        toString(model) AS model,
        toUInt32(count()) AS posts,
        toUInt32(countIf(sentiment = 'negative')) AS negative,
        toUInt32(countIf(abstained)) AS unsure,
        toUInt32(countIf(is_rescored)) AS rescored,
        sum(greatest(greatest(p_negative, p_neutral), p_positive)) AS confidence,
        sum(oov) AS unknown
    FROM counted_posts
    WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
      AND toStartOfHour(published_at) IN
      (
          SELECT toDateTime(toUInt32(arrayJoin(splitByChar(',', {hours:String}))), 'UTC')
      )
    GROUP BY brand, hour, source, lang, model
)
GROUP BY brand, hour
SETTINGS do_not_merge_across_partitions_select_final = 1
