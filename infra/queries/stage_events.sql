-- What stages did to heal themselves, newest first.
SELECT at, stage, kind, detail FROM stage_events FINAL ORDER BY at DESC, id LIMIT {most:Int64}
