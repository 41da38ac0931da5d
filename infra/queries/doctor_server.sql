-- Which server it is, and who we are there.
SELECT version(), currentUser(), currentDatabase()
