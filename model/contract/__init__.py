"""What both processes agree on. Standard library only, Python 3.9 and later."""
