"""What people want beside attributes: other logins, further addresses, an invitation, folders to work in or to be archived.

Here: these as operations, put beside what else is decided of the same people. Not here: memberships (groups/), and what an
operation does (operations/).
"""
