"""The ways out: from a notice to a request, and what the answer means. One module a way."""
