"""The command line, with the commands demo, serve and doctor."""
