"""Operations on groups and on who belongs to them.

Not here: who is to be in which group (plan/groups/).
"""
