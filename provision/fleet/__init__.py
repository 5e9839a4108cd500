"""Many jobs of many enterprises in one night, on the workers of a Dask cluster, and one report of it.

Here: the fleet file, who works on what, what becomes of a worker that dies. Not here: anything about a single run, which is a
use case of runs/, and words for people, which are made in report/. Only cluster.py knows Dask, and loads it late.
"""
