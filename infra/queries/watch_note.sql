-- A note that the watch stage keeps beside its detectors, under a name that no brand has.
SELECT state FROM watch_state FINAL WHERE brand = {name:String}
