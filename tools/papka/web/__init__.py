"""The local web face: pages that show the archive of this folder in a browser."""
