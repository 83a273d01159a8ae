"""Paper: from what is saved to a file that can be printed and signed."""
