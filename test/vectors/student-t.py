"""Reference values of Student's t distribution, written to student-t.json beside this file.

Independent of the implementation under test: mpmath at 60 digits, upper tail by the regularised incomplete
beta function of hypergeometric series with gamma functions. Each kind of value is checked against closed forms
(df = 1, 2, 4), against quadrature of the density, and loosely against SciPy. Run: python3 student-t.py
(mpmath 1.3, SciPy 1.17).
"""

import json
import pathlib
import random

import mpmath as mp
from scipy import stats

mp.mp.dps = 60


def tail(t, df):
    """P(T > t) for exact doubles t >= 0, df > 0."""
    t, df = mp.mpf(t), mp.mpf(df)
    a, half = df / 2, mp.mpf(1) / 2
    if t * t * (df + 2) < 3 * df:
        y = t * t / (df + t * t)
        front = mp.exp(a * mp.log1p(-y) + mp.log(y) / 2 - log_beta(a)) if t else mp.mpf(0)
        return half - front * mp.hyp2f1(a + half, 1, mp.mpf(3) / 2, y)
    # I_x(a, 1/2) by Gauss's continued fraction (DLMF 8.17.22), run backwards with twice the digits to spare
    x = df / (df + t * t)
    with mp.workdps(140):
        x, fraction = mp.mpf(df) / (df + t * t), mp.mpf(0)
        for m in range(terms(t), 0, -1):
            odd = -(a + m) * (a + half + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            even = m * (half - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            fraction = even / (1 + odd / (1 + fraction))
        first = -(a + half) * x / (a + 1)
        fraction = 1 / (1 + first / (1 + fraction))
        front = mp.exp(a * mp.log(x) + mp.log(t * t / (df + t * t)) / 2 - log_beta(a)) / a
        return +(front * fraction / 2)


def terms(t):
    return int(2500 / min(mp.mpf(t) ** 2, 400)) + 400


def log_beta(a):
    """ln B(a, 1/2) with enough digits for the cancellation at large a."""
    with mp.workdps(140):
        return mp.loggamma(a) + mp.loggamma(mp.mpf(1) / 2) - mp.loggamma(mp.mpf(a) + mp.mpf(1) / 2)


def density(t, df):
    with mp.workdps(80):
        return mp.exp(-(df + 1) / 2 * mp.log1p(t * t / df) - log_beta(df / 2)) / mp.sqrt(df)


def quantile(p, df):
    p, df = mp.mpf(p), mp.mpf(df)
    t = mp.mpf(float(stats.t.isf(float(p), float(df))))
    for _ in range(50):
        step = (tail(t, df) - p) / density(t, df)
        # far out, in the logarithm of the tail: Newton in t overshoots
        t_next = t * mp.exp(mp.log(tail(t, df) / p) * tail(t, df) / (t * density(t, df))) if t > 1 else t + step
        if abs(t_next - t) < abs(t) * mp.mpf(10) ** -45:
            return t_next
        t = t_next
    raise ArithmeticError(f"no quantile for {p}, {df}")


def same(a, b, digits):
    assert abs(a - b) <= abs(b) * mp.mpf(10) ** -digits, (a, b)


def verify():
    for t in [1e-9, 0.1, 0.5, 1.0, 1.7, 1.8, 3.0, 12.5, 1e3, 1e7]:
        t = mp.mpf(t)
        one = mp.atan(1 / t) / mp.pi
        root = mp.sqrt(2 + t * t)
        two = 1 / (root * (root + t))  # (1 - t / root) / 2
        with mp.workdps(120):
            s = t / mp.sqrt(4 + t * t)
            four = (2 - 3 * s + s**3) / 4
        same(tail(t, 1), one, 50)
        same(tail(t, 2), two, 50)
        same(tail(t, 4), four, 45)
    for t, df in [(0.3, 1.5), (2.5, 17.776), (1.2, 250.25), (3.0, 1e6), (8.0, 4231.0)]:
        t, df = mp.mpf(t), mp.mpf(df)
        whole = mp.quad(lambda s: density(s, df), [t, t + 1, t + 2, t + 4, t + 8, t + 16, t + 64, t + 1e4, mp.inf])
        same(tail(t, df), whole, 20)
    for t, df in [(2, 10), (8.94, 4231), (40, 5000), (1.0, 3.7)]:
        same(mp.mpf(float(stats.t.sf(t, df))), tail(t, df), 10)


def points():
    ts = [1e-300, 1e-8, 0.01, 0.1, 0.5, 1.0, 1.5, 1.73, 1.75, 2.0, 2.75, 3.0, 3.25, 5.0, 8.94, 12.0, 25.0, 37.5, 100.0, 1e3, 1e6]
    dfs = [1.0, 1.5, 2.0, 3.0, 4.0, 10.0, 17.776, 55.309, 300.5, 4231.0, 1e5, 1e6, 123456789.25, 1e9, 8e9]
    grid = [(t, df) for t in ts for df in dfs]
    rng = random.Random(20261122)
    grid += [(round(10 ** rng.uniform(-2, 1.6), 6), round(10 ** rng.uniform(0, 9), 6)) for _ in range(150)]
    grid += [(t, df) for t in [0.5, 2.0, 1e8] for df in [0.25, 0.5, 0.99]] + [(1e200, 1.0), (1e100, 2.5), (1e150, 2.0)]
    return grid


def main():
    verify()
    tails = []
    for t, df in points():
        p = tail(t, df)
        if p > mp.mpf(10) ** -307:
            tails.append([t, df, mp.nstr(p, 25, strip_zeros=False, min_fixed=1, max_fixed=0)])
    quantiles = []
    for df in [1.0, 1.5, 2.0, 3.0, 9.0, 17.776, 55.309, 1000.5, 1e6, 1e9]:
        for p in [0.49999, 0.4, 0.25, 0.1, 0.05, 0.025, 0.005, 1e-6, 1e-20, 1e-100]:
            q = quantile(p, df)
            same(tail(q, df), mp.mpf(p), 40)
            quantiles.append([p, df, mp.nstr(q, 25, strip_zeros=False, min_fixed=1, max_fixed=0)])
    body = {
        "about": "made by student-t.py: [t, df, P(T > t)] and [p, df, t with P(T > t) = p]; "
        "inputs are the doubles written, outputs have 25 digits",
        "tails": tails,
        "quantiles": quantiles,
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    rows = lambda items: ",\n".join("    " + json.dumps(item) for item in items)
    path.write_text(
        "{\n"
        + f'  "about": {json.dumps(body["about"])},\n'
        + f'  "tails": [\n{rows(tails)}\n  ],\n'
        + f'  "quantiles": [\n{rows(quantiles)}\n  ]\n'
        + "}\n"
    )


if __name__ == "__main__":
    main()
