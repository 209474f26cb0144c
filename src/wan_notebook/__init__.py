"""Animate a character in a notebook: a picture and a reference video in, a moving character out."""
