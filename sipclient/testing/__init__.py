"""A network in memory, scripted peers and recorders, for tests of SIP programs."""
