"""Lists the attachments of mails as Python's email and as extract_msg see them, one JSON object a line.

Reads paths from standard input. `error` says that the package refused the file. Mails that are attached to
a mail are gone through in turn; what they hold is listed with the rest.
"""

import email
import email.policy
import hashlib
import json
import sys


def row(name, content):
    return {"name": name or "", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def of_text(path):
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    rows = []
    for part in mail.walk():
        if part.is_multipart():
            continue
        name = part.get_filename()
        if name is None and part.get_content_maintype() == "text":
            continue
        rows.append(row(name, part.get_payload(decode=True) or b""))
    return rows


def of_message(message):
    rows = []
    for attachment in message.attachments:
        data = attachment.data
        if isinstance(data, bytes):
            name = attachment.longFilename or attachment.shortFilename or attachment.name
            rows.append(row((name or "").rstrip("\0"), data))
        elif data is not None and hasattr(data, "attachments"):
            rows.extend(of_message(data))
    return rows


def of_outlook(path):
    import extract_msg

    with extract_msg.openMsg(path, errorBehavior=extract_msg.enums.ErrorBehavior.SUPPRESS_ALL) as message:
        return of_message(message)


for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        rows = of_outlook(path) if path.endswith(".msg") else of_text(path)
        print(json.dumps({"attachments": rows}), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
