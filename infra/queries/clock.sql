-- How far the line has come: everything that arrived before this moment is on disk, for the feed
-- named or, without a name, for all feeds that run. One that is finished holds up nobody: all it
-- had is on disk.
SELECT if(max(state != 'finished'), minIf(clock, state != 'finished'), max(clock)),
       max(state != 'finished')
FROM feed_progress FINAL
WHERE feed = {feed:String} OR {feed:String} = ''
HAVING count() > 0
