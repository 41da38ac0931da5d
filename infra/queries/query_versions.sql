-- What brands were found by lately, oldest first: a few of the newest rows of each.
SELECT brand, version, at, said, by
FROM (SELECT * FROM query_versions FINAL ORDER BY brand, at DESC, version LIMIT {each:UInt32} BY brand)
ORDER BY brand, at, version
