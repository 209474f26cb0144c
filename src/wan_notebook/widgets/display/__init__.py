"""How values look as the last line of a cell: live where widgets live, still everywhere else."""
