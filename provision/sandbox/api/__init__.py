"""What each request does, subject by subject, and what Box answers.

Here: one module a subject of Box's API reference; items/ has folders and files, sharing/ who else may use them. Not here: what there is (model/), or faults (trouble/).
"""
