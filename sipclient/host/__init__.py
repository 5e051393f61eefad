"""The applications of one stack: who owns what, and who is told what."""
