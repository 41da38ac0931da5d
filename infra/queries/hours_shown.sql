-- Posts and negative ones by brand and step of so many minutes, in hours for which counts do not stand: those
-- that were written to after insert {block}, the {loose} ones (brand in hex, a colon, epoch second, with
-- commas between), and the ends of the span that are no whole hours. Of the first two it is told as well which
-- they are, by rows without posts. See infra/hours_held.py.
-- Posts are read as in counted_posts, but those of other hours are left out before FINAL and not after it:
-- rows of one post have one brand and hour, so it keeps the same rows. First those far off in time, since to
-- look each row up among the hours takes longer than to read it.
WITH
    (
        SELECT (groupArray(of_brand), groupArray(newest))
        FROM (SELECT toString(brand) AS of_brand, max(number) AS newest FROM scorings GROUP BY brand)
    ) AS switched,
    (
        SELECT (places, arrayMap(place -> place.2, places))
        FROM
        (
            SELECT
                arrayConcat(
                    groupUniqArray((toString(brand), toStartOfHour(published_at))),
                    arrayMap(
                        place -> (
                            unhex(splitByChar(':', place)[1]),
                            toDateTime(toUInt32(splitByChar(':', place)[2]), 'UTC')),
                        arrayFilter(place -> place != '', splitByChar(',', {loose:String})))) AS places
            FROM posts
            WHERE toUInt64(splitByChar('_', _part)[3]) > {block:UInt64} AND _block_number > {block:UInt64}
              AND published_at >= fromUnixTimestamp64Milli({first:Int64}, 'UTC')
              AND published_at < fromUnixTimestamp64Milli({last:Int64}, 'UTC')
        )
    ) AS read,
    fromUnixTimestamp64Milli({since:Int64}, 'UTC') AS begin,
    fromUnixTimestamp64Milli({until:Int64}, 'UTC') AS end,
    fromUnixTimestamp64Milli({first:Int64}, 'UTC') AS first,
    fromUnixTimestamp64Milli({last:Int64}, 'UTC') AS last,
    toStartOfHour(begin) AS begin_hour,
    toStartOfHour(last) AS last_hour,
    arrayMin(arrayPushBack(read.2, if(begin < first, begin_hour, last_hour))) AS earliest,
    arrayMax(arrayPushBack(read.2, if(last < end, last_hour, begin_hour))) AS latest
SELECT
    brand,
    toInt64(toUnixTimestamp(toStartOfInterval(published_at, toIntervalMinute({step:UInt32})))) AS start,
    count() AS volume,
    countIf(
        if(
            next_scoring > 0
                AND next_scoring <= arrayElement(switched.2, indexOf(switched.1, toString(brand))),
            next_sentiment,
            sentiment) = 'negative') AS negative
FROM posts FINAL
PREWHERE published_at >= toDateTime64(earliest, 3, 'UTC')
    AND published_at < toDateTime64(latest + 3600, 3, 'UTC')
    AND (published_at < first OR published_at >= last OR (brand, toStartOfHour(published_at)) IN
        (SELECT place.1, place.2 FROM (SELECT arrayJoin(read.1) AS place)))  -- in the array itself it is no set
WHERE published_at >= begin AND published_at < end AND kept_since + toIntervalDay(kept_days) > now()
GROUP BY brand, start
UNION ALL
SELECT place.1, toInt64(toUnixTimestamp(place.2)), 0, 0
FROM (SELECT arrayJoin(read.1) AS place)
SETTINGS
    do_not_merge_across_partitions_select_final = 1,
    enable_shared_storage_snapshot_in_query = 1  -- all its parts see the same rows of posts
