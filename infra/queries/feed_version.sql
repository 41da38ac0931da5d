-- The version of a feed's last report, 0 before the first.
SELECT max(version) FROM feed_progress WHERE feed = {feed:String}
