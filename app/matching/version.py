"""Version of everything that can move a score or a rank."""

ENGINE_VERSION = "11"
