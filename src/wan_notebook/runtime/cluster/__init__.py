"""Work on other machines: tasks go to a Dask cluster, behind the same interface as to processes of this one.

address.py  which cluster             workers.py  this side: the connection, the tasks, the files that are asked for
execute.py  the side of its workers   files.py    files that travel, by their content
"""

from .address import Cluster
from .workers import DaskWorkers, workers_of

__all__ = ["Cluster", "DaskWorkers", "workers_of"]
