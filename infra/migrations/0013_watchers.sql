-- Watchers that are alive, by their last beat on the clock of the server: the one that began first
-- judges, the others stand by.
CREATE TABLE IF NOT EXISTS watchers
(
    id     String,
    began  DateTime64(3, 'UTC'),
    beat   DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(beat)
ORDER BY id
TTL toDateTime(beat) + INTERVAL 1 DAY DELETE;
