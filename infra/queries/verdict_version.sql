-- The newest version of what was said of one incident, 0 if nothing was.
SELECT max(version) FROM verdicts WHERE id = {id:String}
