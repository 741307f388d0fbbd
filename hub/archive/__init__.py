"""Backup and restore: all that a hub holds, in one file that belongs to no engine.

May not: open a sealed value, or put a key file and what it opens into one file. What is derived (the search index) is
left out and built again. `docs/backup.md` has the format and what a backup reveals.
"""

from hub.archive.keeping import Kept, backup, check
from hub.archive.keyfiles import backup_keys, restore_keys
from hub.archive.returning import restore

__all__ = ["Kept", "backup", "backup_keys", "check", "restore", "restore_keys"]
