"""The panel: one widget made of parts, on a studio that holds the choices of one person."""
