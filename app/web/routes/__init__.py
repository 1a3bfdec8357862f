"""Addresses of the console, one module for each group of pages."""
