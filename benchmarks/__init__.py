"""Side-by-side measurements against the first attempt anyone would write."""
