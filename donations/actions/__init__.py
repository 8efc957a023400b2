"""Everything that changes the books. Values and rows in, rows out; no request, no messages."""
