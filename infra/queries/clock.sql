-- How far the line has come: everything that arrived before this moment is on disk, for all feeds.
SELECT min(clock), max(state != 'finished')
FROM feed_progress FINAL
HAVING count() > 0
