"""What earlier runs left: who is owned, who was absent how often, which rosters were accepted, which runs there were."""
