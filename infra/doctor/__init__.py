"""What `groundswell doctor` looks at: a module for each subject, a function for each check.

A check looks and says; it changes nothing. It is given what it needs and yields what it found, each
with what to do about it.
"""
