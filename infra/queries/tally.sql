-- What became of a feed's rows.
SELECT outcome, if(outcome = 'dropped', reason, '') AS why, count()
FROM receipts FINAL
WHERE feed = {feed:String}
GROUP BY outcome, why
