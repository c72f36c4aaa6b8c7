#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""highs PROBLEM: solves a problem file by the dual simplex of HiGHS, as it comes with SciPy. Variables are the weights R in
parts of S, as one writes the model (amounts w x R take it twice as long), with bounds as bounds of variables."""

import json
import sys
import time

import numpy
import scipy
from scipy.optimize import linprog
from scipy.sparse import csr_matrix


def read(path):
    with open(path, "rb") as f:
        if f.read(8) != b"LOCAW1\0\0":
            raise SystemExit("not a problem file")
        m, n, wgg, theta = (int(x) for x in numpy.fromfile(f, "<i4", 4))
        weight, b = numpy.fromfile(f, "<i8", m), numpy.fromfile(f, "<i8", n)
        penalty = numpy.fromfile(f, "<u2", m * n)
    share = wgg * b
    return m, n, weight, 10000 * b, numpy.minimum(share * theta // 1000, share.sum()), int(share.sum()), penalty


def solve(m, n, weight, capacity, bound, supply, penalty):
    pair = numpy.arange(m * n, dtype=numpy.int32)
    rows = csr_matrix((numpy.ones(m * n), pair, numpy.arange(0, m * n + 1, n)), (m, m * n))
    columns = csr_matrix((numpy.tile(weight.astype(float), n), pair.reshape(m, n).T.ravel(), numpy.arange(0, m * n + 1, m)),
                         (n, m * n))
    bounds = numpy.zeros((m * n, 2))
    bounds[:, 1] = numpy.tile(bound / supply, m)
    cost = (penalty.reshape(m, n) * (weight / weight.mean())[:, None]).ravel()
    said = linprog(cost, A_eq=rows, b_eq=numpy.ones(m), A_ub=columns, b_ub=weight.sum() * (capacity / supply), bounds=bounds,
                   method="highs-ds")
    if said.status != 0:
        raise SystemExit(said.message)
    return said.fun * weight.mean() * supply


def peak_kib():
    with open("/proc/self/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM:"))


def main():
    problem = read(sys.argv[1])
    begun = time.process_time()
    value = solve(*problem)
    spent = time.process_time() - begun
    print(json.dumps({"value": "%.17g" % value, "cpu": spent, "peak_kib": peak_kib(),
                      "version": scipy.__version__}))


if __name__ == "__main__":
    main()
