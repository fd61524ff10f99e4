"""Reference answers of two-sample t tests, written to t-test.json beside this file.

Exact rationals (fractions) up to the square root, then mpmath at 60 digits with the tail of student-t.py; each
case is compared with SciPy's ttest_ind. One case is shifted until a confidence limit is next to zero, where a
double computation keeps almost no digit. Run: python3 t-test.py (mpmath 1.3, SciPy 1.17).
"""

import importlib.util
import json
import pathlib
import random
from fractions import Fraction

import mpmath as mp
from scipy import stats

HERE = pathlib.Path(__file__).parent
spec = importlib.util.spec_from_file_location("student_t", HERE / "student-t.py")
student_t = importlib.util.module_from_spec(spec)
spec.loader.exec_module(student_t)


def real(x):
    return mp.mpf(x.numerator) / x.denominator


def moments(values):
    n = len(values)
    mean = sum(values, Fraction(0)) / n
    return n, mean, sum((x - mean) ** 2 for x in values) / (n - 1)


def answer(first, second, variant):
    (n1, m1, s1), (n2, m2, s2) = moments(first), moments(second)
    if variant == "welch":
        v1, v2 = s1 / n1, s2 / n2
        squared_error = v1 + v2
        df = squared_error**2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
    else:
        df = Fraction(n1 + n2 - 2)
        squared_error = ((n1 - 1) * s1 + (n2 - 1) * s2) / df * (Fraction(1, n1) + Fraction(1, n2))
    error = mp.sqrt(real(squared_error))
    statistic = real(m1 - m2) / error
    reach = student_t.quantile(mp.mpf(1) / 40, real(df)) * error
    return {
        "statistic": statistic,
        "df": real(df),
        "p_value": 2 * student_t.tail(abs(statistic), real(df)),
        "conf_low": real(m1 - m2) - reach,
        "conf_high": real(m1 - m2) + reach,
        "mean_1": real(m1),
        "mean_2": real(m2),
    }


def check_with_scipy(first, second, variant, found):
    # Moved next to 0, which changes no answer: SciPy itself loses digits on data far from it.
    near = lambda xs: [float(x - second[0]) for x in xs]
    result = stats.ttest_ind(near(first), near(second), equal_var=variant == "student")
    interval = result.confidence_interval(0.95)
    width = interval.high - interval.low
    assert abs(result.statistic / found["statistic"] - 1) < 1e-9, (result, found)
    assert abs(result.df / found["df"] - 1) < 1e-9
    assert abs(result.pvalue / found["p_value"] - 1) < 1e-7
    assert abs(interval.low - found["conf_low"]) < 1e-9 * width
    assert abs(interval.high - found["conf_high"]) < 1e-9 * width


def next_to_zero(first, second, digits):
    """first, moved by a whole number of units so that Welch's lower limit is next to zero."""
    values = lambda xs: [Fraction(x, 10**digits) for x in xs]
    low = answer(values(first), values(second), "welch")["conf_low"]
    move = -int(mp.nint(low * mp.mpf(10) ** digits))
    return [x + move for x in first]


def samples():
    rng = random.Random(20261122)
    draw = lambda n, centre, spread: [round(rng.gauss(centre, spread)) for _ in range(n)]
    yield 0, draw(2, 100, 40), draw(2, 130, 60)
    yield 0, draw(2, 100, 40), draw(25, 90, 3)
    yield 1, draw(12, 1548, 120), draw(15, 1690, 90)
    yield 2, draw(30, 5000, 1000), draw(20, 5100, 200)
    yield 0, draw(40, 0, 1000), draw(35, 5000, 1100)
    yield 6, draw(20, 10**12, 3000), draw(20, 10**12, 3000)
    yield 3, draw(7, -500000, 20000), draw(9, -480000, 90000)
    yield 0, [5, 5, 5, 5], draw(6, 7, 2)
    first, second = draw(18, 10**13, 10**12), draw(22, 9 * 10**12, 10**12)
    yield 12, next_to_zero(first, second, 12), second


def main():
    cases = []
    for digits, first, second in samples():
        exact = [[Fraction(x, 10**digits) for x in group] for group in (first, second)]
        answers = {}
        for variant in ("welch", "student"):
            found = answer(*exact, variant)
            check_with_scipy(*exact, variant, found)
            text = lambda x: mp.nstr(x, 25, strip_zeros=False, min_fixed=1, max_fixed=0)
            answers[variant] = {key: text(value) for key, value in found.items()}
        cases.append({"digits": digits, "first": list(map(str, first)), "second": list(map(str, second)), **answers})
    body = {"about": "made by t-test.py: groups in units of 10^-digits; answers to 25 digits", "cases": cases}
    HERE.joinpath("t-test.json").write_text(json.dumps(body, indent=1) + "\n")


if __name__ == "__main__":
    main()
