"""The one place where real things are chosen: database, keys, feeds, clock.

A `Hub` is what a face gets. It holds what the face's process may hold: asking for a key whose file this process was not
given fails by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from uuid import uuid4

from feeds.feed import Feed
from hub import faces, policies, roots
from hub.config import Config
from hub.equality import IndexKeys
from hub.errors import NotReady
from hub.keys import KeyDirectory, Keyring, PublisherKeys, new_epoch
from hub.ring import Ring
from hub.seal import new_key
from hub.sealing import Ground, Sealer
from hub.services.delivery import Collection, of_feed
from hub.services.rotation import Walk
from hub.shelf import Shelf
from hub.store import Session, Store, deployments, feeds, migrations, tags
from hub.store.tables import Deployment
from hub.store.tables import Selection as SelectionRow


def now() -> datetime:
    """The instant, in UTC."""
    return datetime.now(UTC)


@dataclass
class Hub:
    """One hub, as a process of it sees it."""

    config: Config
    store: Store
    clock: Callable[[], datetime] = now
    ask: roots.Ask | None = field(default=None, repr=False)  # for the passphrase of the root provider, at a terminal
    _feeds: tuple[tuple[tuple[str, int], ...], list[Collection]] | None = field(default=None, repr=False)
    walk: Walk | None = field(default=None, repr=False)  # of the rotation that this process is at
    walked: float = 0.0  # when it last ended, on time.monotonic
    wiped: bool = False  # whether this process knows that what was destroyed is out of the database's files
    _sealer: tuple[tuple[int, int], Sealer] | None = field(default=None, repr=False)

    @cached_property
    def directory(self) -> KeyDirectory:
        """The key files of this process."""
        ask = self.ask or roots.in_file(self.config.passphrase_file)
        return KeyDirectory(self.config.keys, ask, self.config.epoch_file, faces.withheld(self.config.faces))

    @cached_property
    def shelf(self) -> Shelf:
        """The files of feeds that are written already."""
        return Shelf(self.config.files)

    @cached_property
    def pages(self) -> Shelf:
        """The pages of feeds that are built already."""
        return Shelf(self.config.files / ".pages", is_shared=bool(self.config.front_pages))

    @cached_property
    def deployment(self) -> Deployment:
        """This hub's own row."""
        with self.store.reading() as db:
            found = deployments.deployment(db)
        if found is None:
            message = f"{self.config.home} is not set up; run `hub init`"
            raise NotReady(message)
        return found

    @cached_property
    def publisher_keys(self) -> PublisherKeys:
        """What the publisher names pseudonyms with."""
        return self.directory.publisher()

    @property
    def preview_keys(self) -> PublisherKeys:
        """What previews are made with: the publisher's keys where this process holds them, else keys of the moment."""
        if faces.PUBLISHER in self.config.faces and self.directory.exists:
            return self.publisher_keys
        return self.fresh_keys()

    def fresh_keys(self) -> PublisherKeys:
        """Keys of the moment: pseudonyms made with them are nobody's."""
        return PublisherKeys(new_key())

    @property
    def sealer(self) -> Sealer:
        """What intake seals with, to the epoch that is shown now."""
        stamp = self.directory.epoch_stamp()
        if self._sealer is None or self._sealer[0] != stamp:
            keys = self._sealer[1].keys if self._sealer else self.directory.intake()
            self._sealer = stamp, Sealer(keys, Ground(self.deployment.uid, *self.directory.epoch()))
        return self._sealer[1]

    @cached_property
    def ring(self) -> Ring:
        """The epochs that this process holds."""
        return Ring(self.store, lambda: self.directory)

    @property
    def keyring(self) -> Keyring:
        """The power to open."""
        return self.ring.keyring()

    @cached_property
    def index_keys(self) -> IndexKeys:
        """What the tags of sealed values are made with."""
        with self.store.reading() as db:
            wrapped = tags.keys(db)
        if not wrapped:
            message = f"{self.config.home} has no index key; run `hub init`"
            raise NotReady(message)
        root = self.directory.root()
        return IndexKeys({at: root.unwrap(key, tags.INDEX, str(at)) for at, key in wrapped.items()})

    def take_keys(self) -> None:
        """Read now what this process's faces hold, and ask the root provider, so that no request has to.

        Raises what the provider raises: a process that may open and cannot is better told of at its start. The whole
        hub, given no root key, asks for nothing and opens nothing.
        """
        own = self.config.faces
        if own & faces.OPENING and (self.directory.has_root or not own >= faces.WEB):
            _ = self.keyring, self.index_keys
        if faces.INTAKE in own and not own >= faces.WEB:
            _ = self.sealer

    def collections(self) -> list[Collection]:
        """Every feed under its active policy, then their selections; parsed again only when a policy changed."""
        with self.store.reading() as db:
            state = feeds.versions(db)
            if self._feeds is None or self._feeds[0] != state:
                self._feeds = (state, _collections(feeds.all_feeds(db), feeds.selections(db)))
            return self._feeds[1]

    def remembered(self) -> list[Collection]:
        """The same as they were when this process last looked, for who finds out in another way whether they are."""
        return self._feeds[1] if self._feeds else self.collections()

    def feeds(self) -> list[Feed]:
        """Every feed, by name."""
        return [one.feed for one in self.collections() if one.feed and not one.source.kinds]

    def sound_feeds(self) -> tuple[list[Feed], dict[str, str]]:
        """The feeds whose policies can be read, and what is wrong with the others: they keep nobody from their turn."""
        with self.store.reading() as db:
            return policies.sound(feeds.all_feeds(db))


def _collections(rows: policies.Rows, parts: Mapping[str, SelectionRow]) -> list[Collection]:
    known = [(row, policies.checked(row.name, policy.policy)) for row, policy in rows]
    whole = [
        Collection(
            row.collection_id,
            feed.name,
            feed.title,
            feed.description,
            of_feed(feed.name),
            feed.audience,
            feed,
            policy_version=row.policy_version,
        )
        for row, feed in known
    ]
    return whole + [
        Collection(
            parts[one.name].collection_id,
            one.name,
            one.title,
            one.description,
            of_feed(feed.name, one.types),
            feed.audience,
            feed,
            policy_version=row.policy_version,
        )
        for row, feed in known
        for one in feed.selections
        if one.name in parts and parts[one.name].feed == feed.name
    ]


def connect(config: Config) -> Hub:
    """The hub at a home that is set up; raises NotReady for one that is not, or whose tables are older or newer."""
    if config.database_url.startswith("sqlite") and not config.home.is_dir():
        message = f"there is no hub at {config.home}; run `hub init`"
        raise NotReady(message)
    hub = Hub(config, Store(config.database_url))
    if migrations.current(hub.store) != migrations.newest(hub.store):
        hub.store.close()
        message = f"the tables of {config.home} are not those of this version; run `hub init` to bring them up to date"
        raise NotReady(message)
    return hub


def as_found(config: Config) -> Hub:
    """A home and its database as they are, to look at: nothing is made, nothing is checked."""
    return Hub(config, Store(config.database_url))


def unmade(config: Config) -> Hub:
    """A home and its database as they are: perhaps without tables."""
    config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Hub(config, Store(config.database_url))


def set_up(config: Config, ask: roots.Ask | None = None, clock: Callable[[], datetime] = now) -> Hub:
    """Make a hub, or bring one up to date: home, keys, tables, feeds. Harmless to repeat.

    A crash leaves key files without a database row, or tables without rows; the next call goes on from there.
    """
    hub = unmade(config)
    hub.ask, hub.clock = ask, clock
    migrations.upgrade(hub.store)
    with hub.store.reading() as db:
        is_new = deployments.deployment(db) is None
    if not hub.directory.exists:
        if not is_new:
            message = f"the keys of this hub are not in {config.keys}; put them back, or set HUB_KEYS to where they lie"
            raise NotReady(message)
        hub.directory.create()
    hub.directory.add_audit()
    with hub.store.writing() as db:
        if is_new:
            identity, at = f"identity--{uuid4()}", hub.clock()
            made = Deployment(id=1, uid=str(uuid4()), identity=identity, name=config.name, created_at=at)
            first = new_epoch(1, hub.directory.root())
            # Shown before the row is committed: a crash between the two leaves a file that the next call writes anew.
            hub.directory.show_epoch(first.number, first.public_key)
            deployments.install(db, made, first)
        if not tags.keys(db):
            _add_index_key(hub, db)
        policies.bring(db, hub.clock())
    return hub


def _add_index_key(hub: Hub, db: Session) -> None:
    root = hub.directory.root()
    tags.add_key(db, 1, root.name, root.wrap(new_key(), tags.INDEX, "1"))
