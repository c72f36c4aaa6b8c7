# SPDX-License-Identifier: MIT
"""One step of the soak: strangers come and go, a profile is applied in one of many ways, and what nlbc says of it must be
true. A step is drawn from the seed and its number alone, so a season can be repeated."""

import collections
import os
import random
import re
import subprocess

from soaklib.machine import Machine  # noqa: F401  (the type of `machine` below)
from soaklib.strangers import Strangers

CODES = {0, 1, 2, 3, 4, 5, 6, 7, 130}
# What a profile may be refused for when strangers are in the way; the first of each pair is a part of the message.
IN_THE_WAY = ("no device", "has a queue", "cannot be put back", "belongs to", "are used by", "is in use", "no route", "leads nowhere",
              "owns", "reach", "no setting")
ALWAYS = ("are the same device", "cannot drain", "takes weights up to", "steps, at most", "target iptables takes at most")
ERRORS = ("ENOBUFS", "ENOMEM", "EPERM", "EBUSY", "EIO", "ENOSPC", "EINTR", "EAGAIN")
WRITES = ("sendmsg", "sendto", "recvmsg", "write", "fdatasync", "rename", "openat", "setsockopt", "pwrite64", "recvfrom")
WAYS = (("clean", 66), ("killed", 10), ("killed at a call", 3), ("error at a call", 4), ("dry run", 3), ("two at once", 3),
        ("another kernel block", 2), ("confirmed", 3), ("rolled back", 3), ("interrupted", 3))


class Wrong(Exception):
    """Something that must not be."""


def text_of(done):
    return "exit %d\n%s%s" % (done.code, done.out, "\n".join(done.err.split("\n")[:30]))


def names_of(profile):
    """Paths and balances of a profile, for `nlbc path`."""
    with open(profile, encoding="utf-8") as f:
        text = f.read()
    paths = re.findall(r"^\t?path (\S+) \{", text, re.M)
    protocol = re.search(r"route-protocol (\d+)", text)
    return paths, re.findall(r"^\t?balance (\S+) \{", text, re.M), protocol.group(1) if protocol else "110"


class Soak:
    def __init__(self, machine, profiles, seed, season, verbose):
        self.machine, self.profiles, self.seed, self.season, self.verbose = machine, profiles, seed, season, verbose
        self.strangers = Strangers(machine)
        self.said = collections.Counter()       # events and ways
        self.codes = collections.Counter()      # (verb and way, exit code)
        self.sizes = []                         # (size of the profile, peak of nlbc), of clean applies
        self.ways = [w for w in WAYS if self.has(w[0])]
        self.force = None                       # profile in force, as far as is known
        self.step = 0

    def has(self, way):
        """Verbs of the second stage are asked for only where they are."""
        if way == "confirmed":
            return "--confirm" in self.machine.run("help", "apply").out
        return way != "rolled back" or self.machine.run("help", "rollback").code == 0

    # ---- what must be true --------------------------------------------------------------------------------------------

    def tell(self, text):
        if self.verbose:
            print("%d: %s" % (self.step, text), flush=True)

    def nlbc(self, what, *words, **how):
        done = self.machine.run("-q", *words, **how)
        self.codes[what, done.code] += 1
        self.tell("%s: %s: %d" % (what, " ".join(words), done.code))
        fault = " ".join(how.get("wrap", ()))
        dies = {-how.get("signal", 9)} if "kill_after" in how else {-9, 137} if "signal=KILL" in fault else set()
        if done.code not in CODES | dies:       # before it heeds a signal it dies of it, as ever
            raise Wrong("nlbc %s (%s): %s" % (" ".join(words), what, text_of(done)))
        if done.code in CODES - {0, 3} and "error" not in done.err and "inject=write:" not in fault:
            raise Wrong("nlbc %s (%s) does not say why: %s" % (" ".join(words), what, text_of(done)))
        return done

    def in_step(self, profile, after):
        done = self.nlbc("diff", "diff", profile)
        if done.code:
            raise Wrong("diff after %s is not zero: %s" % (after, text_of(done)))

    def explained(self, done):
        """A refusal that the profile or a stranger is the reason of."""
        reasons = ALWAYS + (IN_THE_WAY if self.strangers.in_the_way() else ())
        if done.code == 2:      # a way that a flap has turned to another link, whose networks do not hold the next hop
            return "Nexthop has invalid gateway" in done.err and self.strangers.flapped
        return done.code == 1 and any(r in done.err for r in reasons)

    def expect_good(self, done, profile, after):
        """Applied and in step, or refused for a reason that is there."""
        if done.code == 0:
            self.force = profile
            self.in_step(profile, after)
        elif not self.explained(done):
            raise Wrong("apply (%s) fails: %s" % (after, text_of(done)))
        return done.code == 0

    def same(self, holds, what, done):
        one, other = (set(text.split("\n")) for text in (holds, self.machine.holds()))
        if one != other:
            raise Wrong("%s changes something: %s\n- %s\n+ %s" % (what, text_of(done), "\n- ".join(sorted(one - other)),
                                                                 "\n+ ".join(sorted(other - one))))

    def state(self):
        done = self.nlbc("status", "-j", "status")
        found = re.search(r'"state":"(\S+?)"', done.out)
        if not found:
            raise Wrong("status says no state: %s" % text_of(done))
        return found.group(1)

    # ---- ways of applying ---------------------------------------------------------------------------------------------

    def clean(self, profile, dice):
        holds = self.machine.holds() if dice.random() < 0.05 else None
        done = self.nlbc("apply", "apply", profile, **({"wrap": [self.machine.peak]} if dice.random() < 0.2 else {}))
        if self.expect_good(done, profile, "apply"):
            if done.rss_kb:
                self.sizes.append((os.path.getsize(profile), done.rss_kb))
        elif holds:
            self.same(holds, "a refused apply", done)

    def again(self, profile, what):
        """After something broke an apply: the next one finishes it."""
        self.expect_good(self.nlbc("apply after one " + what, "apply", profile), profile, "apply after one " + what)

    def honest(self, done, what):
        state = self.state()
        if state not in ("unfinished", "in-sync", "degraded", "none", "drift"):
            raise Wrong("status after an apply %s is '%s'" % (what, state))
        if done.code == 0 and state == "unfinished":
            raise Wrong("apply %s exits 0, and status says unfinished" % what)

    def killed(self, profile, dice):
        done = self.nlbc("apply killed", "apply", profile, kill_after=dice.random() * 0.012)
        self.honest(done, "killed")
        self.again(profile, "killed")

    def at_a_call(self, profile, dice, what, fault):
        call, number = dice.choice(WRITES), 1 + int(dice.expovariate(1 / 6))
        wrap = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", "inject=%s:%s:when=%d" % (call, fault, number)]
        done = self.nlbc("apply " + what, "apply", profile, wrap=wrap)
        self.honest(done, what)
        self.again(profile, what)

    def killed_at_a_call(self, profile, dice):
        self.at_a_call(profile, dice, "killed at a call", "signal=KILL")

    def error_at_a_call(self, profile, dice):
        self.at_a_call(profile, dice, "with an error", "error=" + dice.choice(ERRORS))

    def interrupted(self, profile, dice):
        done = self.nlbc("apply interrupted", "apply", profile, kill_after=dice.random() * 0.012, signal=dice.choice((2, 15)))
        self.honest(done, "interrupted")
        self.again(profile, "interrupted")

    def dry_run(self, profile, dice):
        holds = self.machine.holds() if dice.random() < 0.3 else None
        done = self.nlbc("apply --dry-run", "apply", "--dry-run", profile)
        if done.code not in (0, 2) and not self.explained(done):
            raise Wrong("apply --dry-run fails: %s" % text_of(done))
        if holds:
            self.same(holds, "apply --dry-run", done)
        self.clean(profile, dice)

    def two_at_once(self, profile, dice):
        other = self.profiles[self.step // self.season * self.season + dice.randrange(self.season)]
        with self.machine.router:
            second = subprocess.Popen([self.machine.nlbc, "apply", other], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first = self.nlbc("one of two applies", "apply", profile)
        _, err = second.communicate()
        self.tell("two at once: %s: %d, %s: %d" % (profile, first.code, other, second.returncode))
        for code, said, which in ((first.code, first.err, profile), (second.returncode, err, other)):
            if code not in (0, 1, 2) or (code == 2 and not self.explained(first._replace(code=code, err=said)) and "chang" not in said):
                raise Wrong("two applies at once, %s: exit %d\n%s" % (which, code, said))
        self.again(profile, "of two")

    def another_kernel_block(self, profile, dice):
        other = self.profiles[self.step + self.season]
        before = self.force
        done = self.nlbc("apply of another kernel block", "apply", other)
        if done.code == 0:
            self.in_step(other, "apply of another kernel block")
            if not before:
                self.nlbc("flush", "flush")
        elif before and "in the running profile" not in done.err and not self.explained(done):
            raise Wrong("apply of another kernel block: %s" % text_of(done))
        self.again(profile, "of another kernel block")

    def confirmed(self, profile, dice):
        done = self.nlbc("apply --confirm", "apply", "--confirm", "30s", profile)
        if not self.expect_good(done, profile, "apply --confirm"):
            return
        done = self.nlbc("confirm", "confirm")
        if done.code not in (0, 3):
            raise Wrong("confirm: %s" % text_of(done))
        self.in_step(profile, "confirm")

    def rolled_back(self, profile, dice):
        self.clean(profile, dice)
        if not self.force:      # refused on an empty machine: what was before may have another kernel block
            return
        done = self.nlbc("rollback", "rollback")
        if done.code == 0 and self.state() in ("drift", "unfinished"):
            raise Wrong("status after rollback is '%s'" % self.state())
        if done.code not in (0, 1, 3):
            raise Wrong("rollback: %s" % text_of(done))
        self.again(profile, "rolled back")

    # ---- between two applies --------------------------------------------------------------------------------------------

    def visitors(self, dice):
        gone = self.strangers.relent(dice) if dice.random() < 0.5 else None
        self.said[gone] += bool(gone)
        for _ in range(dice.choice((0, 0, 1, 1, 2))):
            event, touches = self.strangers.happen(dice)
            self.said[event] += 1
            self.tell(event)
            if self.force and not touches:
                done = self.nlbc("diff beside strangers", "diff", self.force)
                if done.code not in (0, 3) and not self.explained(done):
                    raise Wrong("diff after '%s': %s" % (event, text_of(done)))
            elif self.force and dice.random() < 0.5:
                done = self.nlbc("diff after hands", "diff", self.force)
                if done.code not in (0, 3) and not self.explained(done):
                    raise Wrong("diff after '%s': %s" % (event, text_of(done)))

    def members(self, dice):
        """Paths steered by hand; what is applied stays in step."""
        paths, balances, _ = names_of(self.force)
        for _ in range(dice.choice((1, 1, 2, 4))):
            path = dice.choice(paths)
            order = dice.choice((["down"], ["drain"], ["up"], ["up"], ["weight", str(dice.randrange(9))], ["weight", "default"]))
            if order[0] == "weight" and dice.random() < 0.5:
                path = dice.choice(balances) + "/" + path
            how = {"kill_after": dice.random() * 0.006} if dice.random() < 0.1 else {}
            done = self.nlbc("path" + (" killed" if how else ""), "path", path, *order, **how)
            self.said["member changed by hand"] += done.code == 0
            if done.code == 0:
                self.in_step(self.force, "path %s %s" % (path, " ".join(order)))
            elif done.code not in (-9, 1) or (done.code == 1 and not re.search("cannot drain|no path|weights up to|steps|device", done.err)):
                raise Wrong("path %s %s: %s" % (path, " ".join(order), text_of(done)))
            elif done.code == -9:
                self.again(self.force, "broken by a killed path")

    def take(self, step):
        self.step = step
        dice = random.Random("%d/%d" % (self.seed, step))
        profile = self.profiles[step]
        self.machine.protocol = names_of(profile)[2]
        self.visitors(dice)
        way = dice.choices([w for w, _ in self.ways], [n for _, n in self.ways])[0]
        self.said["apply " + way] += 1
        getattr(self, way.replace(" ", "_"))(profile, dice)
        if self.force == profile and dice.random() < 0.25:
            self.members(dice)

    def end_season(self, dice):
        """Everything away: ours by flush, also when it is broken half-way; then the strangers'."""
        if dice.random() < 0.4:
            self.nlbc("flush killed", "flush", kill_after=dice.random() * 0.012)
        done = self.nlbc("flush", "flush")
        if done.code:
            raise Wrong("flush: %s" % text_of(done))
        self.force = None
        self.strangers.take_back()
