"""What happened on the wire and why, for people to read."""
