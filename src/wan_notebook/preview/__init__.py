"""The free preview: an engine that makes a real clip on two processor cores, and the server that offers it."""
