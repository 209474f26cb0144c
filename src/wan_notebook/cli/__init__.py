"""The command line: demo, serve, doctor."""
