"""Backup and restore: all that a hub holds, in one file that belongs to no engine.

The data lies sealed under the current epoch. May not: open a sealed value, or put a key file and what it opens into one
file. What is derived (the search index) is
left out and built again. `docs/backup.md` has the format and what a backup reveals.
"""

from hub.archive.keeping import Kept, backup
from hub.archive.kept_secrets import secrets_file, secrets_in
from hub.archive.keyfiles import backup_keys, keep_keys, read_keys, restore_keys, stage
from hub.archive.returning import put_secrets, restore, verify_here, verify_with

__all__ = [
    "Kept",
    "backup",
    "backup_keys",
    "keep_keys",
    "put_secrets",
    "read_keys",
    "restore",
    "restore_keys",
    "secrets_file",
    "secrets_in",
    "stage",
    "verify_here",
    "verify_with",
]
