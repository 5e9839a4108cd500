"""Who else may use what: collaborations, and invitations into the enterprise (API reference, Collaborations, Invites).

Here: their routes. Not here: what a role lets one do (`..items.reach`, `..abilities`).
"""
