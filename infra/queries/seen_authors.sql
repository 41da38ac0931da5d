-- Authors who were erased, as the 16 bytes of their MD5 one behind the other.
SELECT arrayStringConcat(groupArray(unhex(hex(MD5(id))))) FROM erasures WHERE scope = 'author'
