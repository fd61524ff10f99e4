/**
 * What every protocol of the library does with few, equal, missing, unequal and too wide inputs: it works, with the
 * same result on the plain backend and on shares, or ends with an error of its own; and its dry run does alike.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import type { Context } from '../../src/protocols/context.js';
import { ArithmeticShare, BinaryShare, WordShare } from '../../src/share/shares.js';
import {
  type Program,
  revealBits,
  revealRing,
  revealWords,
  runDry,
  runPlain,
  runRep3,
} from '../support/world.js';
import { ALGEBRA_ENTRIES } from './bad-input/entries-algebra.js';
import { FIXED_ENTRIES } from './bad-input/entries-fixed.js';
import { NUMBERS_ENTRIES } from './bad-input/entries-numbers.js';
import { ROWS_ENTRIES } from './bad-input/entries-rows.js';
import { TABLES_ENTRIES } from './bad-input/entries-tables.js';
import { Inputs, SHAPES, type Shape } from './bad-input/inputs.js';
import { ODD_ALGEBRA } from './bad-input/odd-algebra.js';
import { ODD_FIXED } from './bad-input/odd-fixed.js';
import { ODD_NUMBERS } from './bad-input/odd-numbers.js';
import { ODD_ROWS } from './bad-input/odd-rows.js';
import { ODD_TABLES } from './bad-input/odd-tables.js';

const ENTRIES = {
  ...NUMBERS_ENTRIES,
  ...FIXED_ENTRIES,
  ...ROWS_ENTRIES,
  ...TABLES_ENTRIES,
  ...ALGEBRA_ENTRIES,
};
const ODD_CALLS = [...ODD_NUMBERS, ...ODD_FIXED, ...ODD_ROWS, ...ODD_TABLES, ...ODD_ALGEBRA];

const FOLDERS = [
  'bits',
  'select',
  'noise',
  'fixed',
  'permute',
  'sort',
  'scan',
  'relational',
  'linear-algebra',
  'sgd',
] as const;

/** Protocols that only others of this library call, which check what they are given. */
const INTERNAL = new Set([
  'destinations',
  'carriesInto',
  'noiseInChunks',
  'belowConstants',
  'highestBit',
  'functionsOf',
  'normalise',
  'withSign',
  'gatherInTurns',
  'scatterInTurns',
  'orderRows',
  'keyBits',
  'keyNumbers',
  'distinctKeys',
  'clearBits',
  'clearBy',
  'clearNumbers',
  'copyCleared',
  'flagValues',
  'wideFlags',
  'aggregator',
  'widenResults',
  'orderByKey',
  'orderByKeyAndBack',
  'sameKey',
  'sortKeysOf',
  'fractionsInChunks',
  'rotations',
  'smallSum',
  'unitInverse',
  'shuffledBatches',
  'sigmoidOfSums',
  'rounded',
]);

/** Protocols take a context and wait for messages. */
function exportedProtocols(): string[] {
  return FOLDERS.flatMap((folder) => {
    const path = `src/protocols/${folder}`;
    return readdirSync(path).flatMap((file) =>
      [...readFileSync(`${path}/${file}`, 'utf8').matchAll(/^export async function (\w+)/gm)].map(
        ([, name]) => name as string,
      ),
    );
  });
}

type Outcome = { readonly error: string } | { readonly value: unknown };

async function outcomeOf(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await run() };
  } catch (error) {
    return { error: nameOf(error) };
  }
}

/** Errors of the engine, which no protocol should leave to it. */
const NATIVE = /invalid (typed )?array|offset is out of bounds|cannot (be converted|convert)|undefined/i;

function nameOf(error: unknown): string {
  if (error instanceof WarifuError) return error.code;
  if (error instanceof RangeError || error instanceof TypeError) {
    return NATIVE.test(error.message) ? `native: ${error.message}` : error.name;
  }
  return `${error}`;
}

/** Everything secret in a result, in order. */
function sharesIn(value: unknown): (ArithmeticShare<64> | BinaryShare | WordShare<64>)[] {
  if (value instanceof ArithmeticShare || value instanceof BinaryShare || value instanceof WordShare) {
    return [value as ArithmeticShare<64>];
  }
  if (Array.isArray(value)) return value.flatMap(sharesIn);
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(sharesIn);
  return [];
}

function valuesOf(results: readonly unknown[]): bigint[][] {
  const shares = results.map(sharesIn);
  return (shares[0] ?? []).map((first, i) => {
    const copies = shares.map((own) => own[i]);
    if (first instanceof BinaryShare)
      return revealBits(copies as BinaryShare[])
        .flat()
        .map(BigInt);
    if (first instanceof WordShare) return first.length === 0 ? [] : revealWords(copies as WordShare<64>[]);
    return revealRing(copies as ArithmeticShare<64>[]);
  });
}

function programOf(run: (ctx: Context, inputs: Inputs) => Promise<unknown>, shape: Shape): Program<unknown> {
  return async (ctx, deal) => await run(ctx, new Inputs(deal, shape));
}

describe('what a protocol does with unusual input', () => {
  for (const [name, { expected, within, run }] of Object.entries(ENTRIES)) {
    it(`${name}`, { timeout: 60_000 }, async () => {
      const found: Record<string, string> = {};
      for (const shape of Object.keys(SHAPES) as Shape[]) {
        const program = programOf(run, shape);
        const [plain, rep3, dry] = [
          await outcomeOf(() => runPlain(program)),
          await outcomeOf(async () => (await runRep3(program)).results),
          await outcomeOf(() => runDry(program)),
        ];
        found[shape] = summary(plain, rep3, dry, within);
      }
      expect(found).toEqual(expected);
    });
  }
});

describe('what a protocol says to options that make no sense', () => {
  for (const { title, expected, run } of ODD_CALLS) {
    it(`${title}`, async () => {
      const program: Program<unknown> = async (ctx, deal) => await run(ctx, new Inputs(deal, 'ordinary'));
      const [plain, rep3, dry] = [
        await outcomeOf(() => runPlain(program)),
        await outcomeOf(async () => (await runRep3(program)).results),
        await outcomeOf(() => runDry(program)),
      ];
      expect(summary(plain, rep3, dry, 'random')).toBe(expected);
    });
  }
});

/** 'works', or the error that all three runs end with; all that differs. */
function summary(plain: Outcome, rep3: Outcome, dry: Outcome, within: bigint | 'random'): string {
  const errors = [plain, rep3, dry].map((own) => ('error' in own ? own.error : 'works'));
  if (errors.some((own) => own !== errors[0])) return `plain, rep3, dry: ${errors.join(', ')}`;
  if (!('value' in plain) || !('value' in rep3)) return errors[0] as string;
  const [one, other] = [valuesOf([plain.value]), valuesOf(rep3.value as unknown[])];
  const alike = one.every((list, i) => {
    const same = other[i] ?? [];
    return (
      list.length === same.length &&
      (within === 'random' || list.every((own, j) => distance(own, same[j] as bigint) <= within))
    );
  });
  return alike && one.length === other.length ? 'works' : 'plain and rep3 differ';
}

function distance(x: bigint, y: bigint): bigint {
  return x > y ? x - y : y - x;
}

describe('the table of unusual input', () => {
  it('has every protocol of the library', () => {
    const missing = exportedProtocols().filter((name) => !(name in ENTRIES) && !INTERNAL.has(name));
    expect(missing).toEqual([]);
  });
});
