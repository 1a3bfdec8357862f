"""Other ways of linking, for comparison: nothing here serves a match."""
