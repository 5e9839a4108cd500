"""Operations that lock people out, hand on what they leave, and end their accounts.

Not here: who has left, and which stage is due (plan/leavers/).
"""
