"""The commands as they are declared: names, arguments, flags, help. Each imports what it does when it is called.

Nothing heavy is imported here, so that the command line starts quickly; what a command does stands in commands/.
"""
