"""Job files: one YAML of choices per batch, read into a frozen :class:`~provision.job.settings.Job`."""
