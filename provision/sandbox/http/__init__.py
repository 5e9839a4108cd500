"""The socket side: listening, requests, answers, routes.

Here: HTTP as Box speaks it. Not here: what a request means (api/).
"""
