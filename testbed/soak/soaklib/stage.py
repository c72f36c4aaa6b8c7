# SPDX-License-Identifier: MIT
"""How the programs of the soak begin: what they need is built, they get namespaces and a scratch file system of their own
that end with them, and random profiles come from the generator."""

import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))
INSIDE = "NLBC_SOAK_INSIDE"
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
PROGRAMS = {"NLBC": "nlbc", "PKT": "test/kernel/pkt", "PROFILES": "testbed/soak/profiles", "ENDURE": "testbed/soak/endure",
            "PEAK": "testbed/soak/peak"}


def programs(needed):
    """Those named in the environment; the others are built in BUILD, as the tree says now."""
    missing = [PROGRAMS[name] for name in needed if name not in os.environ]
    if missing:
        os.makedirs(BUILD, exist_ok=True)
        with open(os.path.join(BUILD, "soak.log"), "w", encoding="utf-8") as log:
            for words, made in ((["sh", "-c", "cd '%s' && ./autogen.sh" % TOP], os.path.join(TOP, "configure")),
                                ([os.path.join(TOP, "configure")], os.path.join(BUILD, "Makefile")),
                                (["make", "-j%d" % (os.cpu_count() or 1), *missing], None)):
                if not (made and os.path.exists(made)) and subprocess.run(words, cwd=BUILD, stdout=log, stderr=log).returncode:
                    raise SystemExit("cannot build: see %s" % log.name)
    for name in needed:
        os.environ.setdefault(name, os.path.join(BUILD, PROGRAMS[name]))


def enter(needed):
    """Runs the program again in a mount and a network namespace of its own; what is made there ends with it."""
    if os.geteuid():
        raise SystemExit("needs root")
    if os.environ.get(INSIDE) != str(os.getpid()):
        programs(needed)
        os.environ[INSIDE] = str(os.getpid())
        os.execvp("unshare", ["unshare", "--mount", "--net", sys.executable, os.path.realpath(sys.argv[0])] + sys.argv[1:])


class Scratch:
    """A memory file system for state and profiles, so that no disk is worn or waited for."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="nlbc-soak.")
        subprocess.run(["mount", "-t", "tmpfs", "none", self.path], check=True)
        os.environ.update(NLBC_STATE_DIR=os.path.join(self.path, "state"), NLBC_SOCKET=os.path.join(self.path, "none.sock"),
                          XTABLES_LOCKFILE=os.path.join(self.path, "xtables.lock"), LC_ALL="C")
        os.environ.pop("NLBC_ROLE", None)
        return self.path

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.path], check=False)
        shutil.rmtree(self.path, ignore_errors=True)


class Profiles:
    """Random profiles by number, made a hundred at a time."""
    BATCH = 100

    def __init__(self, scratch, seed, options=()):
        self.folder, self.seed, self.options, self.made = os.path.join(scratch, "profiles"), seed, list(options), set()
        os.makedirs(self.folder, exist_ok=True)

    def __getitem__(self, number):
        first = number // self.BATCH * self.BATCH
        if first not in self.made:
            self.made = {m for m in self.made if abs(m - first) <= self.BATCH}
            for name in os.listdir(self.folder):
                if int(name[:-5]) // self.BATCH * self.BATCH not in self.made:
                    os.unlink(os.path.join(self.folder, name))
            subprocess.run([os.environ["PROFILES"], *self.options, str(self.seed), str(first), str(self.BATCH), self.folder],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.made.add(first)
        return os.path.join(self.folder, "%d.prof" % number)
