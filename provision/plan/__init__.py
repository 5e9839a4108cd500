"""What would have to change: pure functions from roster, directory and ledger to a sealed plan."""
