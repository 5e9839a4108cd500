"""Messages on their way: who is told how a run ended, through Apprise, which alone is imported here and only when somebody is to be told.

The words of a message are made in ``report/``; see ``docs/architecture.md``.
"""
