"""What the doctor looks at: this machine, the job's places and what they hold, and Box. Everything is only read.

``doctor`` is the one door; what a look found is told in report/.
"""
