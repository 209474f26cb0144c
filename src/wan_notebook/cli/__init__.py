"""The command line, with the commands demo, serve, models and doctor."""
