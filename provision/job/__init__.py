"""Job files: one YAML of choices per batch, read into a frozen :class:`~provision.job.settings.Job`.

Here: keys, their meaning and defaults, variables, errors with lines. Not here: anything that carries a choice out, and no
secret in a text.
"""
