"""What a run teaches the ledger, whether it finished or was cut off.

Here: who is owned, who is gone, who was absent, which stages leavers have reached. Not here: sending (apply/), deciding
(plan/), writing it down (ledger/).
"""
