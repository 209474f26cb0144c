"""The panel in real front ends, seen through a real browser."""
