-- Authors who were erased, as the 16 bytes of their MD5 one behind the other.
SELECT arrayStringConcat(groupArray(CAST(MD5(id), 'String'))) FROM erasures WHERE scope = 'author'
