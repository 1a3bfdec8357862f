"""View models: frozen values that templates only print."""
