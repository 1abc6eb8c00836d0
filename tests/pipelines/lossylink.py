"""A link that loses and reorders: UDP from one port to another of this machine."""

import heapq
import random
import selectors
import socket
import threading
import time


def has_plea(packet):
    """Whether one of the RTCP packets in it is a Picture Loss Indication; of RTP, none is."""
    while len(packet) >= 4 and packet[0] >> 6 == 2 and 192 <= packet[1] <= 223:
        if packet[1] == 206 and packet[0] & 31 == 1:
            return True
        packet = packet[4 * (1 + int.from_bytes(packet[2:4], "big")):]
    return False


def is_rtp(packet):
    """Of RTCP, the second byte is from 192 to 223."""
    return len(packet) >= 12 and packet[0] >> 6 == 2 and not 192 <= packet[1] <= 223


class LossyLink:
    """Each entry of `ways` is (from port, to port, whether it suffers). As a context manager it carries
    packets until the end, with the same dice each time."""

    LATEST = 0.04  # seconds that a delayed packet is behind its place
    AGAIN = 97  # the payload type of packets that are sent again
    WELL = 50  # packets, while which everybody finds together

    def __init__(self, ways, lose=0.05, delay=0.05):
        self.lose, self.delay = lose, delay
        self.carried = self.lost = self.delayed = 0
        self.pictures = 0  # that were sent: the last packet of each is marked
        self.resent = 0  # packets, which have a payload type of their own (RFC 4588)
        self.pleas = 0  # for a key frame, in RTCP on the way (RFC 4585: packet type 206, format 1)
        self._dice = random.Random(7)
        self._selector = selectors.DefaultSelector()
        for source, to, suffers in ways:
            entry = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            entry.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            entry.bind(("127.0.0.1", source))
            entry.setblocking(False)
            self._selector.register(entry, selectors.EVENT_READ, (to, suffers))
        self._waiting = []  # (when, number, packet, to)
        self._ended = threading.Event()
        self._out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join(10)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._out.close()

    def _carry(self):
        while not self._ended.is_set():
            for key, _ in self._selector.select(0.005):
                self._take(key.fileobj, *key.data)
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, packet, to = heapq.heappop(self._waiting)
                self._send(packet, to)

    def _take(self, entry, to, suffers):
        packet = entry.recv(65536)
        self.carried += 1
        self.pleas += has_plea(packet)
        if is_rtp(packet):
            again = packet[1] & 127 == self.AGAIN
            self.resent += again
            self.pictures += not again and packet[1] >> 7
        suffers = suffers and self.carried > self.WELL
        if suffers and self._dice.random() < self.lose:
            self.lost += 1
        elif suffers and self._dice.random() < self.delay:
            self.delayed += 1
            heapq.heappush(self._waiting, (time.monotonic() + self.LATEST, self.carried, packet, to))
        else:
            self._send(packet, to)

    def _send(self, packet, to):
        try:
            self._out.sendto(packet, ("127.0.0.1", to))
        except ConnectionError:
            pass  # nobody is there yet
