-- What dashboards read beside posts, for the brands of fill_scored.sql over the same 30 days: receipts,
-- forecasts and their scores, incidents. Statements end with ; at the end of a line.
INSERT INTO receipts (feed, position, post_id, outcome, reason)
SELECT feed, position, post_id, 'stored', '' FROM posts;

INSERT INTO forecasts (brand, series, step, bucket, made_at, mean, lower, upper, model, quantiles)
SELECT
    concat('brand ', toString(number % 20)),
    ['volume', 'negative', 'negative_share'][1 + intDiv(number, 20) % 3],
    if(number < 60 * 8640, '5m', '60m') AS step,
    toDateTime(fromUnixTimestamp64Milli({now:Int64}, 'UTC'))
        - if(step = '5m', 300 * intDiv(number, 60), 3600 * (intDiv(number - 60 * 8640, 60) % 720)) AS bucket,
    bucket - if(step = '5m', 600, 3600 * (1 + intDiv(number - 60 * 8640, 60 * 720))),
    10, 4, 18, 'profile', range(9)
FROM numbers(60 * 8640 + 60 * 720 * 12);

INSERT INTO forecast_scores (brand, series, step, band, bucket, count, error, own_error, naive_error,
    scale, pinball, inside80, inside95, model)
SELECT
    concat('brand ', toString(number % 20)),
    ['volume', 'negative', 'negative_share'][1 + intDiv(number, 20) % 3],
    ['5m', '60m'][1 + intDiv(number, 60) % 2],
    [1, 6, 24, 72, 168, 336][1 + intDiv(number, 120) % 6],
    toDateTime(fromUnixTimestamp64Milli({now:Int64}, 'UTC')) - 3600 * intDiv(number, 720),
    1, 3, 3.1, 4, 4.2, 1, 1, 1, 'profile'
FROM numbers(720 * 720);

INSERT INTO incident_events (event_id, incident_id, brand, number, change, at, fired_at, body)
SELECT
    concat('inc_', toString(intDiv(number, 5)), '.', toString(number % 5 + 1)),
    concat('inc_', toString(intDiv(number, 5))),
    concat('brand ', toString(intDiv(number, 5) % 20)),
    number % 5 + 1,
    multiIf(number % 5 = 0, 'opened', number % 5 = 4, 'resolved', 'updated'),
    fromUnixTimestamp64Milli({now:Int64} - toInt64(intDiv(number, 5)) * 6480000 + (number % 5) * 900000, 'UTC')
        AS at,
    at,
    concat('{"change":{"kind":"negative_surge","severity":', toString(number % 9 + 1),
           ',"opened_at":"2026-06-01T00:00:00Z","since":"2026-06-01T00:00:00Z","observed":214,',
           '"expected":31.0,"alerts":true},"sentence":"Twice as many as usual say it broke.","evidence":',
           '{"terms":[{"text":"battery fire","share":0.61}],"examples":["', repeat('lorem ', 600), '"]}}')
FROM numbers(2000);
