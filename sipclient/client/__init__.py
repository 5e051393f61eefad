"""What an application holds in its hands; it knows a stack by its interface only."""
