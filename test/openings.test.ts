/**
 * Every place that shows a shared value to nodes. A new one must be argued for here: it may open release bits,
 * upload-check bits, or what anyone could simulate.
 */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf, sourceFiles } from './support/sources.js';

/** File, what it calls, and why that is safe. */
const ALLOWED: readonly (readonly [file: string, call: string, why: string])[] = [
  ['src/protocols/open.ts', 'backend.openBits', 'the one way to open bits'],
  ['src/protocols/open.ts', 'backend.open', 'the one way to open integers'],
  [
    'src/protocols/permute/reveal-order.ts',
    'backend.permuteAndReveal',
    'a permutation of the row numbers after a fresh shuffle, which anyone could draw',
  ],
  [
    'src/protocols/sort/compare-rows.ts',
    'openBitsToNodes',
    'answers for distinct rows in a uniform order, which anyone could draw',
  ],
  ['src/query/gates.ts', 'openBitsToNodes', 'release bits: one for each cell'],
  ['src/server/work/check-upload.ts', 'openBitsToNodes', 'upload-check bits: one for each column and upload'],
];

/** Everything but imports and definitions that names an opening: a call, or an alias of one. */
function openingsIn(file: string): (readonly [string, string])[] {
  const code = codeOf(file)
    .replaceAll(/^import\b[\s\S]*?;/gm, '')
    .replaceAll(/function\s+open(Bits)?ToNodes\b/g, '');
  const used = [
    ...code.matchAll(
      /\bopen(?:Bits)?ToNodes\b|\bbackend\s*(?:\?\.|\.)\s*(?:open(?:Bits)?|permuteAndReveal)\b/g,
    ),
  ];
  return used.map(([call]) => [file, call.replaceAll(/[\s?]/g, '')]);
}

describe('openings', () => {
  it('are those of the allowed list, each once', () => {
    const found = sourceFiles().flatMap(openingsIn);
    expect(found).toEqual(ALLOWED.map(([file, call]) => [file, call]));
  });

  it.each(['open', 'shuffle'])(
    'are not reached around the context: no code takes rep3/%s by its file',
    (name) => {
      const users = sourceFiles().filter((file) =>
        [...codeOf(file).matchAll(/from\s+['"](\.[^'"]+)['"]/g)].some(
          ([, to = '']) => path.posix.join(path.posix.dirname(file), to) === `src/protocols/rep3/${name}.js`,
        ),
      );
      expect(users).toEqual(['src/protocols/rep3/backend.ts']);
    },
  );
});
