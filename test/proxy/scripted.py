# SPDX-License-Identifier: MIT
"""Servers and clients that do exactly what a test says, byte by byte: for what no ordinary program does. A test is a
function without arguments, named as a sentence; run(globals()) runs them all, in order or at once, and says which does not hold."""
import contextlib
import os
import socket
import struct
import sys
import threading
import time
import traceback
import types

DEADLINE = 20


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def read_head(sock, data=b""):
    """A head, and what came with it; b"" where the other side ended before."""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return b"", data
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def read_all(sock):
    """Up to the end; "reset" behind it where that is how it ended."""
    data = []
    try:
        while more := sock.recv(1 << 20):
            data.append(more)
    except ConnectionResetError:
        data.append(b"reset")
    return b"".join(data)


def answer(body=b"ok", head="HTTP/1.1 200 OK", *fields):
    lines = [head, "Content-Length: %d" % len(body), *fields]
    return "".join(line + "\r\n" for line in lines).encode() + b"\r\n" + body


class Server:
    """Listens; each connection is served by a thread of its own. heads: of all requests seen; connections: how many came."""

    def __init__(self, port, serve):
        self.serve, self.heads, self.connections, self.lock = serve, [], 0, threading.Lock()
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(("127.0.0.1", port))
        self.sock.listen(1024)
        self.held = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.sock.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.held.append(sock)
                n = self.connections
            threading.Thread(target=self.one, args=(sock, n), daemon=True).start()

    def one(self, sock, n):
        with contextlib.suppress(OSError):
            sock.settimeout(DEADLINE)
            self.serve(self, sock, n)
            sock.close()

    def close(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        for sock in self.held:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def keeps(reply):
    """Serves any number of requests without bodies by reply(server, head)."""
    def serve(server, sock, _):
        rest = b""
        while True:
            head, rest = read_head(sock, rest)
            if not head:
                return
            server.heads.append(head)
            sock.sendall(reply(server, head))
    return serve


def connect(port):
    sock = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def request(method="GET", target="/", *fields, body=b""):
    lines = ["%s %s HTTP/1.1" % (method, target), "Host: a", *fields]
    return "".join(line + "\r\n" for line in lines).encode() + b"\r\n" + body


def exchange(port, data, half=False):
    """One request that closes: all that comes back."""
    with connect(port) as sock:
        sock.sendall(data)
        if half:
            sock.shutdown(socket.SHUT_WR)
        return read_all(sock)


def status(data):
    return int(data.split(b" ", 2)[1]) if data.startswith(b"HTTP/1.1 ") else 0


def get(port, target="/", *fields):
    return exchange(port, request("GET", target, "Connection: close", *fields))


def is_eq(is_, want):
    if is_ != want:
        raise AssertionError("%r instead of %r" % (is_, want))


def until(holds, what, seconds=DEADLINE):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("never: " + what)
        time.sleep(0.01)


def between(seconds, least, most):
    if not least <= seconds <= most:
        raise AssertionError("%.3f s, not between %.3f and %.3f" % (seconds, least, most))


@contextlib.contextmanager
def clock():
    took = [0.0]
    begin = time.monotonic()
    yield took
    took[0] = time.monotonic() - begin


def run(names, at_once=False):
    tests = [test for test in names.values() if isinstance(test, types.FunctionType) and test.__module__ == "__main__" and
             not test.__code__.co_argcount and not test.__name__.startswith("_")]
    failed = []

    def one(test):
        begin = time.monotonic()
        try:
            test()
        except Exception:  # whatever it was, it is this test's
            failed.append("FAIL %s\n%s" % (test.__name__, traceback.format_exc()))
        if os.environ.get("TIMES"):
            print("%6.2f %s" % (time.monotonic() - begin, test.__name__))

    threads = [threading.Thread(target=one, args=(test,)) for test in tests]
    for thread in threads:
        thread.start()
        if not at_once:
            thread.join()
    for thread in threads:
        thread.join()
    print("".join(failed), end="")
    sys.exit(1 if failed else 0)
