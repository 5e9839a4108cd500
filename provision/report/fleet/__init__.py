"""One report of the night of a fleet: what needs a person, for each enterprise and over all. Not here: the report of a run."""
