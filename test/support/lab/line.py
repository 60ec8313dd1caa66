"""
A line between two cables, 'inner' and 'outer', that is as bad as it is told to be. It hands on whole frames,
so all that goes over them is met alike: UDP, TCP, ARP. Written in Python because Node cannot read frames.

Asked by lines of JSON: ["set", "{...}"] with delay (ms, each way), loss, duplicate and reorder (shares of all
frames), shift (how many ms later the reordered ones come; earlier when negative) and seed; it answers when that
holds. ["count", ""] answers how many bytes it was given since, from both sides.
"""

import heapq
import json
import random
import select
import socket
import sys
import time

SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING, SO_RCVBUFFORCE, SO_SNDBUFFORCE = 263, 15, 23, 33, 32


def cable(name):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    # What each frame is still to be given on its way (its checksum, mostly) is handed on with it.
    end.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    end.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    end.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    end.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 16 << 20)
    end.bind((name, 3))
    end.setblocking(False)
    return end


def say(value):
    print(json.dumps(value), flush=True)


inner, outer = cable("inner"), cable("outer")
other = {inner.fileno(): (inner, outer), outer.fileno(): (outer, inner)}
weather = {"delay": 0, "loss": 0, "duplicate": 0, "reorder": 0, "shift": 0, "seed": 1}
chance = random.Random(weather["seed"])
under_way = []
frames = 0
carried = 0

poll = select.poll()
for end in (inner, outer, sys.stdin):
    poll.register(end.fileno(), select.POLLIN)
say("ready")

while True:
    wait = (under_way[0][0] - time.monotonic()) * 1000 if under_way else None
    ready = poll.poll(None if wait is None else max(0, wait))
    for number, _ in ready:
        if number == sys.stdin.fileno():
            question = sys.stdin.readline()
            if not question:
                sys.exit(0)
            name, argument = json.loads(question)
            if name == "set":
                weather.update(json.loads(argument))
                chance = random.Random(weather["seed"])
                carried = 0
                say({"answer": None})
            else:
                say({"answer": carried})
            continue
        here, there = other[number]
        for _ in range(64):
            try:
                frame = here.recv(1 << 17)
            except (BlockingIOError, OSError):
                break
            now = time.monotonic()
            carried += len(frame)
            if chance.random() < weather["loss"]:
                continue
            for _ in range(2 if chance.random() < weather["duplicate"] else 1):
                shift = weather["shift"] if chance.random() < weather["reorder"] else 0
                frames += 1
                due = now + max(0, weather["delay"] + shift) / 1000
                heapq.heappush(under_way, (due, frames, there, frame))
    now = time.monotonic()
    while under_way and under_way[0][0] <= now:
        _, _, there, frame = heapq.heappop(under_way)
        try:
            there.send(frame)
        except OSError:
            pass  # A cable whose other end is down takes nothing; it is lost as on any line.
