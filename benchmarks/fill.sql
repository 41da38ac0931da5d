-- Made-up posts of 30 days and 20 brands, a part at a time: numbers scatter over the days, so that
-- every part of the table holds posts of every day.
INSERT INTO posts (brand, published_at, post_id, version, feed, position, source, author, followers,
    lang, text, key_text, url, received_at, scored_at, stored_at, cluster_id, is_duplicate,
    is_repost, is_spam, sentiment, p_negative, p_neutral, p_positive, model)
SELECT
    concat('brand ', toString(cityHash64(number, 1) % 20)),
    fromUnixTimestamp64Milli({now:Int64} - toInt64(cityHash64(number, 2) % (30 * 86400000)), 'UTC') AS at,
    concat('made:', toString(number)), 1, 'made', number, 'made',
    concat('author ', toString(cityHash64(number, 3) % 200000)), cityHash64(number, 4) % 5000, 'en',
    concat('the ', hex(cityHash64(number, 5)), ' of brand broke again on ', toString(number),
           ' and nobody answers my mails #', hex(cityHash64(number, 6) % 65536)) AS words,
    words, '', at, at, at, cityHash64(number, 7), number % 20 = 0, number % 30 = 0, 0,
    ['negative', 'neutral', 'neutral', 'positive'][1 + cityHash64(number, 8) % 4], 0.3, 0.4, 0.3, 'made'
FROM numbers({first:Int64}, {count:Int64})
