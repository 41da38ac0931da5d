-- Buckets of a brand whose numbers were told.
SELECT DISTINCT bucket FROM bucket_reports WHERE brand = {brand:String}
