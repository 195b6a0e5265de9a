"""Files and folders: reading, atomic writing, locks, and checks of output folders."""
