-- What stages did to heal themselves.
SELECT toString(kind) AS what, toString(stage) AS of_stage, count(), max(at)
FROM stage_events FINAL
GROUP BY what, of_stage
ORDER BY what, of_stage
