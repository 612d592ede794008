"""Sends what comes on standard input, a message in JSON a line, and says what came of it, in JSON a line."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "python"))
from sender import Sender, refusal, reply  # noqa: E402

port, user, password, cafile = sys.argv[1:]
sender = Sender("127.0.0.1", int(port), user, password, cafile)


def shown(told):
    return " ".join(str(part) for part in told if part) if told else ""


for line in sys.stdin:
    mail = json.loads(line)
    try:
        refused = sender.send(mail["from"], mail["to"], mail["subject"], mail["text"])
        texts = [shown(reply(*told)) for told in refused.values()]
        result = {"what": "returned by send_message" if texts else "", "shown": "; ".join(texts)}
    except Exception as failure:
        result = {"what": type(failure).__name__, "shown": shown(refusal(failure))}
    print(json.dumps(result), flush=True)
sender.close()
