-- Since which bucket numbers are told, and when the first ones were.
SELECT min(bucket), min(at), count() FROM bucket_reports WHERE number = 0
