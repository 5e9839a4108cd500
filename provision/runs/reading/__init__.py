"""What of Box a run reads before it plans: the listing or looks by key, and the looks that leavers need.

Here: the connection and which way of reading is cheaper. Not here: the calls themselves (box/), nor what they mean
(directory/, plan/).
"""
