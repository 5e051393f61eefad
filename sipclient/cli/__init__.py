"""The command line: an application of the library like any other."""
