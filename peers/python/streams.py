"""Lists the streams of compound files as olefile sees them, one JSON object a line.

Reads paths from standard input. `error` says that olefile refused the file; a stream that it
cannot open has `error` in place of its hash. Streams are opened by directory index, because a
path finds only one of two entries with the same name.
"""

import hashlib
import json
import sys

import olefile


def streams(ole):
    listed = []
    turns = [(ole.root, [])]
    while turns:
        storage, path = turns.pop()
        for entry in storage.kids:
            if entry.entry_type == olefile.STGTY_STORAGE:
                turns.append((entry, path + [entry.name]))
            elif entry.entry_type == olefile.STGTY_STREAM:
                listed.append((entry, "/".join(path + [entry.name])))
    return sorted(listed, key=lambda pair: pair[0].sid)


def describe(path):
    try:
        with open(path, "rb") as file:
            data = file.read()
        if not olefile.isOleFile(data=data):
            return {"error": "not a compound file"}
        ole = olefile.OleFileIO(data)
    except Exception as error:  # olefile lets IndexError, struct.error and others through
        return {"error": f"{type(error).__name__}: {error}"}
    rows = []
    for entry, name in streams(ole):
        row = {"id": entry.sid, "path": name}
        try:
            content = ole._open(entry.isectStart, entry.size).read()
            row["size"] = len(content)
            row["sha256"] = hashlib.sha256(content).hexdigest()
        except Exception as error:
            row["error"] = f"{type(error).__name__}: {error}"
        rows.append(row)
    return {"streams": rows}


for line in sys.stdin:
    name = line.rstrip("\n")
    print(json.dumps({"file": name, **describe(name)}), flush=True)
