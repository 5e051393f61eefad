"""What an application may rely on, as tests that run against any provider of IStack."""
