"""One small module a command: flags in, one use case of runs/ called, its answer printed; no use case lives here."""
