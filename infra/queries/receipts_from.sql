-- Rows of a feed, from a position on, that have an outcome. Duplicates do no harm here.
SELECT position FROM receipts WHERE feed = {feed:String} AND position >= {position:Int64}
