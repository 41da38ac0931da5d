-- Of a duplicate: hash of the id of the post whose repeat it is. After a kill that post may come again
-- behind its repeats, which are stored already; it is the voice all the same.
ALTER TABLE posts ADD COLUMN IF NOT EXISTS first_said_by UInt64 DEFAULT 0;
