-- Receivers that have been here before, and since when they are told of what fires; the empty name
-- says that deliver has.
SELECT name, since FROM receivers FINAL
