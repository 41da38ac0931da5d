-- What could not be read is kept for 90 days and no longer, and so is what stages did to heal. As with
-- posts the time counts from when the row was written: what a replayed file brings is not old. Of rows
-- from before this migration it counts from when the database next rewrites their file.
ALTER TABLE dead_letters ADD COLUMN IF NOT EXISTS kept_since DateTime('UTC') DEFAULT now();
ALTER TABLE dead_letters MODIFY TTL kept_since + INTERVAL 90 DAY DELETE;
ALTER TABLE stage_events ADD COLUMN IF NOT EXISTS kept_since DateTime('UTC') DEFAULT now();
ALTER TABLE stage_events MODIFY TTL kept_since + INTERVAL 90 DAY DELETE;
