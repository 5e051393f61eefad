"""The state machines of RFC 3261 §17, their timers, and what belongs to which."""
