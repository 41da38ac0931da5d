-- Who was told what, or why not: the outbox of messages, and what people say of incidents.
-- `decision`: send (owed until an attempt in `deliveries` ends it: its event_id is the notice_id),
-- hold (not yet) or skip (never). The arrays are parallel: the incidents of one message.
CREATE TABLE IF NOT EXISTS notices
(
    receiver      String,
    notice_id     String,
    group_key     String,
    decision      LowCardinality(String),
    reason        LowCardinality(String),
    detail        String,
    incident_ids  Array(String),
    event_ids     Array(String),
    kinds         Array(String),
    told_ids      Array(String),
    said_by       Array(String),
    decided_at    DateTime64(3, 'UTC'),
    due_at        DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(decided_at)
ORDER BY (receiver, notice_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- What an attempt took, for people who look for what is slow.
ALTER TABLE deliveries ADD COLUMN IF NOT EXISTS latency_ms UInt32 DEFAULT 0;

-- Which role a living process wants to lead in: watch or deliver.
ALTER TABLE watchers ADD COLUMN IF NOT EXISTS role LowCardinality(String) DEFAULT 'watch';

-- A person wants a notice sent again, whatever became of it.
CREATE TABLE IF NOT EXISTS resends
(
    receiver   String,
    notice_id  String,
    number     UInt32,
    at         DateTime64(3, 'UTC'),
    by         String
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (receiver, notice_id, number)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Silences, the newest word on each. `matches` is JSON of infra.deliver.records.Match.
CREATE TABLE IF NOT EXISTS silences
(
    silence_id  String,
    matches     String,
    starts      DateTime64(3, 'UTC'),
    ends        DateTime64(3, 'UTC'),
    reason      String,
    by          String,
    at          DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY silence_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Who has seen which incident; taken back where withdrawn.
CREATE TABLE IF NOT EXISTS acknowledgements
(
    incident_id  String,
    by           String,
    note         String,
    withdrawn    UInt8,
    at           DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY incident_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Receivers that said they are gone for good, or that a person has enabled again. `endpoint` is a
-- hash of where it is: with another address it is another receiver.
CREATE TABLE IF NOT EXISTS endpoints
(
    receiver  String,
    endpoint  String,
    enabled   UInt8,
    reason    String,
    at        DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (receiver, endpoint)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
