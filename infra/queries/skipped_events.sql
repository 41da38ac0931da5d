-- What a receiver is never told of, and why.
SELECT incident_ids[1], event_ids[1], reason, detail, decided_at
FROM notices FINAL
WHERE receiver = {receiver:String} AND decision = 'skip'
ORDER BY decided_at, notice_id
