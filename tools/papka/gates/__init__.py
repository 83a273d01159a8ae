"""Each outside thing once: files, lock, git, keys, HTML, PDF. Gates import only `core`."""
