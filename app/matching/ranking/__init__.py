"""Exact best candidates of a large, changing pool: segments, queries, kernels and their plain twin."""
