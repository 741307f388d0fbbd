"""When a feed comes round: cron in the feed's own time zone, by a library that knows summer time.

`cronsim` rather than the scheduler's own cron, which fires twice in an autumn night and counts Monday as 0.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from feeds.feed import Feed, NotAFeed


def next_instant(feed: Feed, after: datetime) -> datetime:
    """The next instant of a feed's schedule, in UTC; raises NotAFeed if its cron or time zone is none."""
    try:
        return next(CronSim(feed.cron, after.astimezone(ZoneInfo(feed.time_zone)))).astimezone(UTC)
    except (CronSimError, ZoneInfoNotFoundError, ValueError, StopIteration):
        message = f"feed {feed.name}: schedule: {feed.cron!r} in {feed.time_zone!r} never comes round"
        raise NotAFeed(message) from None
