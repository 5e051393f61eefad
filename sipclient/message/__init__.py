"""SIP messages as values: reading, checking and building them; no clock, no network."""
