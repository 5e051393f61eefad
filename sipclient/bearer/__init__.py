"""Access points: which addresses and timer values an application works with."""
