# SPDX-License-Identifier: GPL-2.0
"""The results directory of a campaign: durable records, atomic documents, one writer.

    campaign.json   plan and sessions (a session is one boot of the lab)
    runs.jsonl      one line per finished run, appended and synced at once
    logs/           serial logs of guests that failed
    results.json, report.html   made from the two above, at any time again
"""

import errno
import fcntl
import json
import os
import shutil

from lab.errors import LabError

SCHEMA_VERSION = 1
CAMPAIGN = "campaign.json"
RUNS = "runs.jsonl"
RESULTS = "results.json"
REPORT = "report.html"
LOGS = "logs"

# What a campaign writes at most, roughly: records, report, and a few serial logs.
BYTES_NEEDED = 64 << 20

REMEDIES = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space or raise the quota",
    errno.EACCES: "choose a directory you may write to",
    errno.EPERM: "choose a directory you may write to",
    errno.EROFS: "choose a directory on a writable file system",
    errno.ENOTDIR: "choose a path whose parents are directories",
}


def write_error(path, error):
    """A LabError for a failed write: the file, the cause, what to do."""
    remedy = REMEDIES.get(error.errno, "check the file system")
    return LabError(f"{path}: cannot write: {error.strerror}; {remedy}")


def write_atomically(path, text):
    """Replace the file as a whole: a reader sees the old text or the new one."""
    temporary = f"{path}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except OSError as error:
        remove_quietly(temporary)
        raise write_error(path, error) from error


def remove_quietly(path):
    """Remove a file that may not be there."""
    try:
        os.unlink(path)
    except OSError:
        pass


def to_json(document):
    """Indented JSON, with raw repeats kept to a line each."""
    return json.dumps(document, indent=1) + "\n"


def read_json(path):
    """Parse a JSON file; a LabError names the file and what is wrong."""
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except OSError as error:
        raise LabError(f"{path}: cannot read: {error.strerror}; "
                       "is this a results directory of 'pvlab campaign'?") from error
    except ValueError as error:
        raise LabError(f"{path}: not valid JSON: {error}; restore the file from a copy") from error


def check_schema(path, document):
    """Refuse documents of another schema version."""
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise LabError(f"{path}: schema version {version}, this pvlab knows {SCHEMA_VERSION}; "
                       "use the pvlab that wrote it")


def read_runs(path):
    """The complete records of runs.jsonl; a line cut short by a crash is left out."""
    try:
        with open(path, "rb") as stream:
            lines = stream.read().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LabError(f"{path}: cannot read: {error.strerror}; check its permissions") from error
    records = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            records.append(json.loads(line))
        except ValueError as error:
            raise LabError(f"{path}: line {number}: not valid JSON: {error}; "
                           "remove that line to measure the run again") from error
    return records


def latest_records(records):
    """The last record of each (cell, repeat); a resumed campaign retries failed ones."""
    return {(record["cell"], record["repeat"]): record for record in records}


class ResultsDirectory:
    """Create or open a results directory. Only one process may hold it for writing."""

    def __init__(self, path):
        self.path = path
        self.campaign = {}
        self.runs = []
        self._stream = None

    def file(self, name):
        """Path of a file in the directory."""
        return os.path.join(self.path, name)

    @classmethod
    def create(cls, path, campaign):
        """Make a new directory; one that exists is refused."""
        if os.path.lexists(path):
            raise LabError(f"{path}: results directory exists; choose another one, "
                           f"or continue it with --resume {path}")
        results = cls(path)
        try:
            os.makedirs(path)
            results.check_space()
            results.open_runs()
        except OSError as error:
            results.discard()
            raise write_error(path, error) from error
        try:
            results.save_campaign(campaign)
        except LabError:
            results.discard()
            raise
        return results

    @classmethod
    def load(cls, path):
        """Read a directory that a campaign left behind, for a report."""
        results = cls(path)
        results.campaign = read_json(results.file(CAMPAIGN))
        check_schema(results.file(CAMPAIGN), results.campaign)
        if not results.campaign.get("plan"):
            raise LabError(f"{path}: the campaign there ended before its first run; "
                           "remove the directory and start anew")
        results.runs = read_runs(results.file(RUNS))
        return results

    @classmethod
    def resume(cls, path):
        """Load a directory to append to it; a last line cut short is cut off."""
        results = cls.load(path)
        try:
            results.check_space()
            results.open_runs()
            results.cut_partial_line()
        except OSError as error:
            results.close()
            raise write_error(results.file(RUNS), error) from error
        return results

    def check_space(self):
        """Refuse to start on a file system that is nearly full."""
        free = shutil.disk_usage(self.path).free
        if free < BYTES_NEEDED:
            raise OSError(errno.ENOSPC, f"only {free >> 20} MiB free, a campaign may need "
                          f"{BYTES_NEEDED >> 20} MiB")

    def open_runs(self):
        """Open runs.jsonl for appending, and lock it against a second campaign."""
        # The file stays open, and locked, for the whole campaign.
        # pylint: disable-next=consider-using-with
        self._stream = open(self.file(RUNS), "ab", buffering=0)
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise LabError(f"{self.path}: another campaign is writing there; "
                           "wait for its end or choose another directory") from error

    def cut_partial_line(self):
        """Drop what follows the last newline of runs.jsonl."""
        with open(self.file(RUNS), "rb") as stream:
            text = stream.read()
        self._stream.truncate(text.rfind(b"\n") + 1)

    def append_run(self, record):
        """Write one record durably, or leave the file as it was."""
        self.runs.append(record)
        line = json.dumps(record).encode() + b"\n"
        size = os.fstat(self._stream.fileno()).st_size
        try:
            if self._stream.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._stream.fileno())
        except OSError as error:
            self._stream.truncate(size)
            failure = write_error(self.file(RUNS), error)
            raise LabError(f"{failure}, then continue with --resume {self.path}") from error

    def save_campaign(self, campaign):
        """Replace plan and sessions."""
        self.campaign = campaign
        write_atomically(self.file(CAMPAIGN), to_json(campaign))

    def keep_log(self, source, name):
        """Copy a serial log into the directory; its relative name, or None."""
        try:
            os.makedirs(self.file(LOGS), exist_ok=True)
            shutil.copyfile(source, os.path.join(self.file(LOGS), name))
        except OSError:
            return None
        return os.path.join(LOGS, name)

    def close(self):
        """Give the directory up to other writers."""
        if self._stream:
            self._stream.close()
            self._stream = None

    def discard(self):
        """Undo create() when nothing was measured."""
        self.close()
        for name in (RUNS, CAMPAIGN):
            remove_quietly(self.file(name))
        try:
            os.rmdir(self.path)
        except OSError:
            pass


def link_latest(path):
    """Point the symbolic link 'latest' next to the directory at it."""
    parent, name = os.path.split(os.path.abspath(path))
    link = os.path.join(parent, "latest")
    temporary = f"{link}.{os.getpid()}.tmp"
    try:
        os.symlink(name, temporary)
        os.replace(temporary, link)
    except OSError as error:
        remove_quietly(temporary)
        raise write_error(link, error) from error
