"""What people decide about a run: what can be decided, their words, where they lie, who may speak.

Here: approve, its inbox and files, holds. Not here: who somebody is (provision/deciders.py), and what a decision does
to a plan (plan/).
"""
