"""What came of it: planned × happened × now, in every form a person or a program wants to read."""
