"""What earns nothing: text that was written for a machine, or taken from the vacancy itself."""
