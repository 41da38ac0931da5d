-- As fill.sql, with what dashboards tell apart: sources, languages, models, scores, unknown words and times
-- that posts took, all of them spread.
INSERT INTO posts (brand, published_at, post_id, version, feed, position, source, author, followers,
    lang, text, key_text, url, received_at, scored_at, stored_at, cluster_id, is_duplicate,
    is_repost, is_spam, is_backfill, sentiment, p_negative, p_neutral, p_positive, abstained, oov, model)
SELECT
    concat('brand ', toString(cityHash64(number, 1) % 20)),
    fromUnixTimestamp64Milli({now:Int64} - toInt64(cityHash64(number, 2) % (30 * 86400000)), 'UTC') AS at,
    concat('made:', toString(number)), 1, 'made', number,
    ['x', 'x', 'x', 'reddit', 'reddit', 'news', 'youtube', 'forum'][1 + cityHash64(number, 9) % 8],
    concat('author ', toString(cityHash64(number, 3) % 200000)), cityHash64(number, 4) % 5000,
    ['en', 'en', 'en', 'de', 'fr', 'es', 'it', 'und'][1 + cityHash64(number, 10) % 8],
    concat('the ', hex(cityHash64(number, 5)), ' of brand broke again on ', toString(number),
           ' and nobody answers my mails #', hex(cityHash64(number, 6) % 65536)) AS words,
    words, '',
    at + toIntervalMillisecond(cityHash64(number, 11) % 60000) AS received,
    received + toIntervalMillisecond(toInt64(exp(4 + 5 * (cityHash64(number, 12) % 10000) / 10000))) AS scored,
    scored + toIntervalMillisecond(toInt64(exp(3 + 4 * (cityHash64(number, 13) % 10000) / 10000))),
    cityHash64(number, 7), number % 20 = 0, number % 30 = 0, 0, number % 50 = 0,
    ['negative', 'neutral', 'neutral', 'positive'][1 + cityHash64(number, 8) % 4],
    (cityHash64(number, 14) % 10000) / 10000 AS p_first,
    (1 - p_first) * (cityHash64(number, 15) % 10000) / 10000 AS p_second,
    1 - p_first - p_second,
    cityHash64(number, 16) % 20 = 0,
    (cityHash64(number, 17) % 30) / 100,
    if(number % 3 = 0, 'tiny-2', 'tiny-1')
FROM numbers({first:Int64}, {count:Int64})
