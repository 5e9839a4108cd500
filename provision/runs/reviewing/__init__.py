"""A run looked at and decided about in a browser on this machine.

Here: the page's server, who may speak to it, and what a click does. Not here: the records of decisions (approving/), which
a click writes as the command does, and the page's words (report/review/).
"""
