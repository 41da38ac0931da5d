-- Receivers that have been here before; the empty name says that deliver has.
SELECT name FROM receivers FINAL
