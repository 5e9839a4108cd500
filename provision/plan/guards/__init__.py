"""What stops a plan or a part of it before anything is sent.

Here: limits, roster health, approvals, the forecast of calls. Every guard fails closed. Not here: what becomes of an operation
that was sent.
"""
