-- What receivers are never told of, and why; receivers are words, with commas between.
SELECT receiver, incident_ids[1], event_ids[1], reason, detail, decided_at
FROM notices FINAL
WHERE receiver IN (splitByChar(',', {receivers:String})) AND decision = 'skip'
ORDER BY decided_at, receiver, notice_id
