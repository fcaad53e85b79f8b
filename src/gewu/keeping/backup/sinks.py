"""Where a backup is written: a folder or one tar file, under a name that appears only when it is whole."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import time
from pathlib import Path
from typing import IO, Protocol

from gewu.home.errors import HomeError
from gewu.keeping.backup.manifest import Hashing


class Sink(Protocol):
    """Takes the files of one backup. Each method returns the size and the SHA-256 of what it took."""

    part: Path
    """Where files may be made that are put into the sink afterwards; on the same disk."""

    def take(self, name: str, source: Path) -> tuple[int, str]:
        """Take a file over; it is gone from where it was."""
        ...

    def text(self, name: str, text: str) -> tuple[int, str]:
        """Write a small file."""
        ...

    def copy(self, name: str, source: Path) -> tuple[int, str]:
        """Copy a file. Raises `FileNotFoundError` when it is not there (any more)."""
        ...

    def finish(self) -> Path:
        """Give the backup its name; return where it is."""
        ...

    def abandon(self) -> None:
        """Leave nothing behind."""
        ...


def _private(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _pour(source: IO[bytes], target: Path) -> tuple[int, str]:
    """Copy a stream to a new private file and see it on the disk."""
    reader = Hashing(source)
    with _private(target) as handle:
        shutil.copyfileobj(reader, handle, 1 << 20)
        handle.flush()
        os.fsync(handle.fileno())
    return reader.size, reader.sha256


class FolderSink:
    """A backup as a folder."""

    def __init__(self, final: Path) -> None:
        """Begin beside the final place."""
        self._final = final
        self.part = final.with_name(f".{final.name}.part")
        shutil.rmtree(self.part, ignore_errors=True)
        self.part.mkdir(mode=0o700, parents=True)

    def take(self, name: str, source: Path) -> tuple[int, str]:
        """Move and hash."""
        target = self.part / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        source.replace(target)
        target.chmod(0o600)
        with target.open("rb") as handle:
            reader = Hashing(handle)
            while reader.read(1 << 20):
                pass
            os.fsync(handle.fileno())
        return reader.size, reader.sha256

    def text(self, name: str, text: str) -> tuple[int, str]:
        """Write and hash."""
        return _pour(io.BytesIO(text.encode()), self.part / name)

    def copy(self, name: str, source: Path) -> tuple[int, str]:
        """Copy and hash."""
        with source.open("rb") as handle:
            return _pour(handle, self.part / name)

    def link(self, name: str, source: Path) -> bool:
        """Have the same file under a second name, as an earlier backup has it; False where the disk cannot."""
        target = self.part / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.link(source, target)
        except OSError:
            return False
        return True

    def finish(self) -> Path:
        """Rename."""
        if self._final.exists():
            raise HomeError(f"{self._final} is there already. Wait a second, or choose another folder.")
        self.part.rename(self._final)
        _sync_folder(self._final.parent)
        return self._final

    def abandon(self) -> None:
        """Remove the folder that was begun."""
        shutil.rmtree(self.part, ignore_errors=True)


class TarSink:
    """A backup as one tar file, not compressed: the dump is, and photos are."""

    def __init__(self, final: Path) -> None:
        """Begin beside the final place."""
        self._final = final
        self.part = final.with_name(f".{final.name}.part")
        shutil.rmtree(self.part, ignore_errors=True)
        self.part.mkdir(mode=0o700, parents=True)
        self._file = _private(self.part / "whole.tar")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - see finish

    def _add(self, name: str, size: int, stream: IO[bytes]) -> tuple[int, str]:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(time.time())
        reader = Hashing(stream)
        self._tar.addfile(info, reader)
        return reader.size, reader.sha256

    def take(self, name: str, source: Path) -> tuple[int, str]:
        """Add and remove."""
        found = self.copy(name, source)
        source.unlink()
        return found

    def text(self, name: str, text: str) -> tuple[int, str]:
        """Add a small file."""
        data = text.encode()
        return self._add(name, len(data), io.BytesIO(data))

    def copy(self, name: str, source: Path) -> tuple[int, str]:
        """Add a file; one that is erased while it is read is read to its end."""
        with source.open("rb") as handle:
            return self._add(name, os.fstat(handle.fileno()).st_size, handle)

    def finish(self) -> Path:
        """Close, see it on the disk, rename over an older file of that name."""
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        (self.part / "whole.tar").replace(self._final)
        shutil.rmtree(self.part, ignore_errors=True)
        _sync_folder(self._final.parent)
        return self._final

    def abandon(self) -> None:
        """Remove what was begun."""
        self._file.close()
        shutil.rmtree(self.part, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
