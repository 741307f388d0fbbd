"""Root providers: who holds the key that wraps the hub's secrets.

1. A root provider wraps, unwraps, rewraps and describes. What it wraps are the few secrets of the table `secret`: the
   epochs' private and symmetric keys, the index keys. It never sees a data key, a field or a report.
2. It is asked when a process starts, when a secret is made and by `hub keys`; it may not be asked while a request is
   answered (tests/hub/roots/test_request_path.py).
3. Each secret is bound to its context (its name and number) as associated data. In another place, under another key,
   changed or cut it is Tampered. A provider that cannot be reached or refuses is NotReady, or Busy where the same call
   may succeed soon; what it says names the remedy.
4. No error, log line or description holds a secret, a token or a passphrase, nor what a provider's server answered.
5. One library, one file: hvac in `transit`, boto3 and botocore in `aws`, each loaded when that provider is chosen.

Which one a hub has is said by `root.toml` in its key directory (`choosing`); without it, by the key file `root.key`.
"""

from hub.roots.choosing import ROOT, Change, complete, parse, provider_of
from hub.roots.keyfile import KeyFile
from hub.roots.passphrase import in_file
from hub.roots.provider import Ask, Description, RootProvider

__all__ = [
    "ROOT",
    "Ask",
    "Change",
    "Description",
    "KeyFile",
    "RootProvider",
    "complete",
    "in_file",
    "parse",
    "provider_of",
]
