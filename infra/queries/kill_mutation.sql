-- Give up a change of a table's files.
KILL MUTATION
WHERE database = currentDatabase() AND table = {table:String} AND mutation_id = {mutation:String}
