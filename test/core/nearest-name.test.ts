import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestName, nearestNameHint } from '../../src/core/nearest-name.js';

describe('nearestName', () => {
  it.each<[string, string[], string | undefined]>([
    ['wieght', ['height', 'weight', 'age'], 'weight'],
    ['AGE', ['sex', 'age'], 'age'],
    ['ＡＧＥ', ['sex', 'age'], 'age'],
    ['体重kg', ['身長', '体重'], '体重'],
    ['体 重', ['身長', '体重'], '体重'],
    ['体從', ['身長', '体重'], '体重'],
    ['身', ['身長', '体重'], undefined],
    ['smoker', ['age', 'sex'], undefined],
    ['sex', ['age'], undefined],
    ['x', [], undefined],
    ['', ['a'], undefined],
    ['ab', ['cd'], undefined],
    ['aab', ['aaa', 'abb'], 'aaa'],
  ])('%s among %j is %s', (wanted, candidates, expected) => {
    expect(nearestName(wanted, candidates)).toBe(expected);
  });

  it('finds a name from which one character was dropped', () => {
    const name = fc.stringMatching(/^[a-z]{4,12}$/);
    fc.assert(
      fc.property(name, fc.nat(), (whole, at) => {
        const i = at % whole.length;
        expect(nearestName(whole.slice(0, i) + whole.slice(i + 1), ['0123456789', whole])).toBe(whole);
      }),
    );
  });

  it('words the hint', () => {
    expect(nearestNameHint('wheight', ['weight'])).toBe(" (did you mean 'weight'?)");
    expect(nearestNameHint('q', ['weight'])).toBe('');
  });

  it('compares very long names in bounded time', () => {
    expect(nearestName('a'.repeat(1_000_000), ['a'.repeat(999_999)])).toBe('a'.repeat(999_999));
  });
});
