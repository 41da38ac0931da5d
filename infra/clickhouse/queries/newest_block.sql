-- Differs once something was inserted into posts: a sum of what each partition has come to, as there is
-- no number for the whole table. Replicas of a partition may be at different ones.
SELECT toUInt64(sum(newest))
FROM
(
    SELECT shard, partition_id, max(max_block_number) AS newest
    FROM
    (
        SELECT _shard_num AS shard, partition_id, max_block_number
        FROM clusterAllReplicas('$cluster', system.parts)
        WHERE database = '$local' AND table = 'posts' AND active
    )
    GROUP BY shard, partition_id
)
