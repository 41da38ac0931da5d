-- What people undo on the page: a correction that was taken back counts nowhere, and is known.
ALTER TABLE corrections ADD COLUMN IF NOT EXISTS withdrawn UInt8 DEFAULT 0;
