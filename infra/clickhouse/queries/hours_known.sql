-- Replicated tables number the inserts of each partition and shard by themselves, and not in the order
-- in which they are seen: no counted hour can be known to hold, and all are read from posts.
SELECT toUInt64(0) AS newest_block, 0 AS is_settled, toUInt64(0) AS marked
