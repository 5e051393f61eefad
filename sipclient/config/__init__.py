"""Configuration files: what a stack is made of, read from TOML."""
