# SPDX-License-Identifier: MIT
"""linear.py PROBLEM OBJECTIVE: the optimum of a problem file by HiGHS, from weights.md 6.1 as it stands there: what client l
draws from relay i in parts of S, theta and all, nothing merged. It shares nothing with nlbc."""
import struct
import sys

import numpy
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, eye, hstack, kron, vstack


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    m, n, wgg, theta = struct.unpack_from("<4i", data, 8)
    w = numpy.frombuffer(data, "<i8", m, 24).astype(float)
    b = numpy.frombuffer(data, "<i8", n, 24 + 8 * m).astype(float)
    p = numpy.frombuffer(data, "<u2", m * n, 24 + 8 * (m + n)).reshape(m, n).astype(float)
    return w, b, p, wgg, theta


def optimum(path, objective):
    w, b, p, wgg, theta = read(path)
    m, n = p.shape
    supply = wgg * b.sum()
    share = b / b.sum()
    sums = kron(eye(m), numpy.ones((1, n)))
    loads = kron((w / w.sum()).reshape(1, m), eye(n))
    limits = [(0, min(1, theta / 1000 * c)) for _ in range(m) for c in share]
    room = 10000 * b / supply
    by_location = kron(eye(m), numpy.ones((1, n))).multiply(p.reshape(1, m * n)).tocsr()
    by_relay = coo_matrix(kron(numpy.ones((1, m)), eye(n))).multiply((w[:, None] * p).reshape(1, m * n)).tocsr()
    vulnerable = w @ p
    worst = {
        "max": loads.multiply(vulnerable.reshape(n, 1)),
        "max-relay": by_relay,
        "max-location": by_location.multiply(w.reshape(m, 1)),
        "max-client": by_location,
    }
    cost = (w[:, None] * p).reshape(m * n)
    if objective == "total":
        found = linprog(cost, A_ub=loads, b_ub=room, A_eq=sums, b_eq=numpy.ones(m), bounds=limits, method="highs")
        return found.fun * supply
    rows = worst[objective]
    scale = abs(rows).max()
    above = vstack([hstack([rows / scale, -numpy.ones((rows.shape[0], 1))]), hstack([loads, numpy.zeros((n, 1))])])
    found = linprog([0] * (m * n) + [1], A_ub=above.tocsr(), b_ub=numpy.concatenate([numpy.zeros(rows.shape[0]), room]),
                    A_eq=hstack([sums, numpy.zeros((m, 1))]).tocsr(), b_eq=numpy.ones(m), bounds=limits + [(0, None)],
                    method="highs")
    return found.fun * supply * scale


print(f"{optimum(sys.argv[1], sys.argv[2]):.12e}")
