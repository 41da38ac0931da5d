-- Each brand's detector after the last bucket it judged; the row of no brand is the watcher's own.
SELECT brand, bucket, state, verdict FROM watch_state FINAL
