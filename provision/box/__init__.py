"""The seam to Box: the only room that imports the vendor's SDK. It translates errors and strips personal data.

Here: calls, sign-in, pace and the one retry loop. Not here: any decision about people; nobody else knows the SDK, a URL of
Box or what its answers look like.
"""
