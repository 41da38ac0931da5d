"""Migrations on databases of their own: at once by two processes, killed anywhere, too new."""
