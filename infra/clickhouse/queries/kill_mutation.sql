-- On each server those of the name that mutations.sql gave: it is one server's.
KILL MUTATION ON CLUSTER `$cluster`
WHERE database = '$local' AND table = {table:String}
  AND concat(hostName(), ' ', mutation_id) = {mutation:String}
