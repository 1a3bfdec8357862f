"""The review console: server-rendered pages for programme staff."""
