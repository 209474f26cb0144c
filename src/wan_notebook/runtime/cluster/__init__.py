"""Work on other machines: tasks go to a Dask cluster, behind the same interface as to processes of this one.

address.py     which cluster                         workers.py  this side: tasks, and the files that they ask for
connection.py  the connection to its scheduler       execute.py  the side of its workers
files.py       files that travel, by their content
"""

from .address import Cluster
from .connection import failure_of
from .workers import DaskWorkers, workers_of

__all__ = ["Cluster", "DaskWorkers", "failure_of", "workers_of"]
