-- Each brand's detector after the last bucket it judged; the row of no brand is the watcher's own.
-- Names that begin with \0 are notes of other work, see watch_note.sql.
SELECT brand, bucket, state, verdict FROM watch_state FINAL WHERE NOT startsWith(brand, '\0')
