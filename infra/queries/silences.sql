-- Silences by the newest word on each, those that end last first; ended ones up to a time left out.
SELECT silence_id, matches, starts, ends, reason, by
FROM silences FINAL
WHERE ends > fromUnixTimestamp64Milli({ending_after:Int64}, 'UTC')
ORDER BY ends DESC, silence_id
