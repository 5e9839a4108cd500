"""Folders, files, uploads, the trash: what each request does with items (API reference, Folders, Files, Uploads).

Here: routes of items, and `reach`, which says whose item one may use. Not here: who collaborates (`..sharing`).
"""
