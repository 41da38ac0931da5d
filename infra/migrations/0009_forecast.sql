-- Forecasts as distributions, what they are made from, and how good they were.
-- `quantiles` at .025 .05 .1 .25 .5 .75 .9 .95 .975; `own`: the median of the model, also where the
-- seasonal naive is told in its place; `naive`: the seasonal naive's.
ALTER TABLE forecasts ADD COLUMN IF NOT EXISTS quantiles Array(Float32);
ALTER TABLE forecasts ADD COLUMN IF NOT EXISTS own Float32 DEFAULT mean;
ALTER TABLE forecasts ADD COLUMN IF NOT EXISTS naive Float32 DEFAULT mean;
ALTER TABLE forecasts ADD COLUMN IF NOT EXISTS written_at DateTime('UTC') MATERIALIZED now();
-- What was said long before its bucket goes once it was scored: a day ahead by five minutes, two weeks
-- ahead by the hour. What was said within the hour before stays, to be shown beside what came. As with
-- posts the time counts from when the row was written: what a replayed file brings is not old.
ALTER TABLE forecasts MODIFY TTL
    written_at + INTERVAL 400 DAY DELETE,
    written_at + INTERVAL 2 DAY DELETE WHERE step = '5m' AND dateDiff('second', made_at, bucket) >= 3600,
    written_at + INTERVAL 16 DAY DELETE WHERE step != '5m' AND dateDiff('second', made_at, bucket) >= 3600;

-- What forecasting knows of a brand: `kind` fit is what was learnt, trust is what truths said of it.
CREATE TABLE IF NOT EXISTS forecast_memory
(
    brand  String,
    kind   LowCardinality(String),
    at     DateTime('UTC'),
    body   String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (brand, kind)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Forecasts made up to `band` hours ahead against the truth of the hour `bucket`: sums over `count`
-- truths. Scoring an hour again writes the same row.
CREATE TABLE IF NOT EXISTS forecast_scores
(
    brand        LowCardinality(String),
    series       LowCardinality(String),
    step         LowCardinality(String),
    band         UInt16,
    bucket       DateTime('UTC'),
    count        UInt16,
    error        Float64,
    own_error    Float64,
    naive_error  Float64,
    scale        Float64,
    pinball      Float64,
    inside80     UInt16,
    inside95     UInt16,
    model        LowCardinality(String),
    written_at   DateTime('UTC') MATERIALIZED now()
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (brand, series, step, band, bucket)
TTL written_at + INTERVAL 400 DAY DELETE;
