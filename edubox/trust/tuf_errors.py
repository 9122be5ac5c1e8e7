"""python-tuf's errors in our words: one place that knows its classes, and what a hostile file can make it raise."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tuf.api import exceptions

from edubox.errors import EduboxError, Expired, HashMismatch, MissingFile, NoRoom, NotTrusted, Rollback


@contextmanager
def in_our_words(what: str) -> Iterator[None]:
    """Turn what python-tuf and the disk raise about *what* into errors of ours, which pass as they are.

    Raises Expired, Rollback, HashMismatch, NotTrusted, MissingFile, NoRoom.
    """
    try:
        yield
    except EduboxError:
        raise
    except exceptions.ExpiredMetadataError as error:
        raise Expired(what=what, reason=str(error)) from None
    except exceptions.BadVersionNumberError:
        raise Rollback(what=what) from None
    except exceptions.LengthOrHashMismatchError:
        raise HashMismatch(what=what) from None
    except exceptions.DownloadHTTPError as error:
        if isinstance(error.__cause__, MissingFile):
            raise error.__cause__ from None
        raise
    except (exceptions.RepositoryError, exceptions.DownloadError) as error:
        raise NotTrusted(reason=f"{what}: {error}") from None
    except OSError as error:
        if NoRoom.describes(error):
            raise NoRoom(path=tempfile.gettempdir(), reason=error.strerror or "it is full") from None
        # A role's name becomes a file's name, and may be longer than any disk takes.
        raise NotTrusted(reason=f"{what} cannot be kept ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise NotTrusted(reason=f"{what} cannot be read ({error})") from None
