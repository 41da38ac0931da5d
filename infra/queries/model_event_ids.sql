-- Which of these events are on disk; ids are words, with commas between.
SELECT DISTINCT id FROM model_events WHERE id IN (splitByChar(',', {ids:String}))
