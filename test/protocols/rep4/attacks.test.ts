/**
 * Every message of every primitive of four nodes, told by a liar: the lie is caught where it arrives, before anything else
 * is sent, and the error names the liar. The table of docs/security.md is made of these runs.
 */
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../../src/transport/memory-network.js';
import { isCheck } from '../../support/view.js';
import type { NodeRun } from '../../support/world.js';
import { documentedTable } from '../documented-table.js';
import {
  ALTERING,
  ATTACKED,
  type Company,
  companyOf,
  type Digest,
  errorOf,
  harm,
  honestly,
  LIES,
  type Lie,
  later,
  programOf,
  type Told,
  tell,
  tellersOf,
} from './lies.js';
import { PRIMITIVES, type Primitive } from './primitives.js';

interface Attacked {
  readonly honest: readonly NodeRun<Digest>[];
  readonly told: readonly Told[];
}

const attacked = new Map<string, Promise<Attacked>>();

/** All lies of a kind about a primitive, told once for all tests. */
function attack(primitive: Primitive, lie: Lie): Promise<Attacked> {
  const name = `${primitive.name}: ${lie}`;
  const known = attacked.get(name) ?? attackAll(primitive, lie);
  attacked.set(name, known);
  return known;
}

const honestRuns = new Map<string, Promise<NodeRun<Digest>[]>>();

/** The run in which nobody lies, once for all lies that need the same. */
function honestRun(primitive: Primitive, company: Company): Promise<NodeRun<Digest>[]> {
  const name = `${primitive.name}: ${company}`;
  const known = honestRuns.get(name) ?? honestly(programOf(primitive, company));
  honestRuns.set(name, known);
  return known;
}

async function attackAll(primitive: Primitive, lie: Lie): Promise<Attacked> {
  const company = companyOf(lie);
  const program = programOf(primitive, company);
  const honest = await honestRun(primitive, company);
  const targets = honest.flatMap(({ sent }) => sent).filter(({ step }) => step.startsWith(ATTACKED));
  return { honest, told: await tell(program, honest, targets, lie) };
}

/** Whom the receiver of a lie must name: with one backup both who knew the message, with two the liar alone. */
function named({ from, ...rest }: Envelope, honest: readonly NodeRun<unknown>[]): string[] {
  const tellers = tellersOf({ from, ...rest }, honest);
  return (tellers.length > 2 ? [from] : tellers).map(String);
}

describe.each(PRIMITIVES)('$name', (primitive) => {
  it.each(ALTERING)('catches each altered message at its receiver, which names the liar: %s', async (lie) => {
    const { honest, told } = await attack(primitive, lie);
    expect(told).not.toEqual([]);
    for (const { target, runs } of told) {
      const error = errorOf(runs[target.to] as NodeRun<Digest>);
      expect(error?.code).toBe('COPIES_DIFFER');
      expect(error?.details).toEqual({ step: target.step, nodes: named(target, honest) });
      expect(error?.details.nodes).toContain(String(target.from));
    }
  });

  it('refuses each message of another length, by step and sender', async () => {
    for (const { target, runs } of (await attack(primitive, 'length')).told) {
      const error = errorOf(runs[target.to] as NodeRun<Digest>);
      expect(error?.code).toBe('MESSAGE_LENGTH');
      expect(error?.details).toMatchObject({ step: target.step, from: target.from });
    }
  });

  it('names whom it waits for', async () => {
    for (const { target, runs } of (await attack(primitive, 'silence')).told) {
      const error = errorOf(runs[target.to] as NodeRun<Digest>);
      expect(error?.code).toBe('NO_PROGRESS');
      expect(error?.details).toMatchObject({ step: target.step, from: target.from });
    }
  });

  it('ends at a message that comes twice', async () => {
    for (const { target, runs } of (await attack(primitive, 'twice')).told) {
      // A receiver that has everything it waits for does not look at its channel again: the copy is ignored.
      expect(['FRAME_INVALID', undefined]).toContain(errorOf(runs[target.to] as NodeRun<Digest>)?.code);
    }
  });

  it.each(LIES)('sends nothing that depends on a lie, and has no wrong result: %s', async (lie) => {
    const { honest, told } = await attack(primitive, lie);
    for (const one of told) {
      expect(harm({ from: one.target.from, ...one }, honest)).toEqual([]);
      if (lie !== 'twice') expect(later(one.runs[one.target.to] as NodeRun<Digest>)).toEqual([]);
    }
  });
});

/** The message that a tag is of has the same kind. */
function kindOf({ tag }: Envelope): string {
  return tag.replace(/-check$/, '').replaceAll(/-\d+/g, '');
}

function codeOf({ target, runs }: Told): string {
  return errorOf(runs[target.to] as NodeRun<Digest>)?.code ?? 'none';
}

function listed(entries: readonly (string | number)[]): string {
  return [...new Set(entries.map(String))].toSorted((a, b) => a.localeCompare(b)).join(', ');
}

/** Rows of the table: what became of the lies about one kind of message of a primitive and its tags. */
async function rowsOf(primitive: Primitive): Promise<string[][]> {
  const all = await Promise.all(LIES.map((lie) => attack(primitive, lie)));
  const told = all.flatMap((own) => own.told);
  const honest = all[0]?.honest ?? [];
  const kinds = new Set(told.map(({ target }) => kindOf(target)));
  return [...kinds].map((kind) => {
    const own = told.filter(({ target }) => kindOf(target) === kind);
    const targets = own.map(({ target }) => target);
    const codes = (...lies: readonly Lie[]): string =>
      listed(own.filter(({ lie }) => lies.includes(lie)).map(codeOf));
    const alone = targets.every((target) => named(target, honest).length === 1);
    return [
      primitive.name,
      kind,
      listed(targets.filter((target) => !isCheck(target)).map(({ from }) => from)),
      listed(targets.filter(isCheck).map(({ from }) => from)),
      listed(targets.map(({ to }) => to)),
      codes(...ALTERING),
      alone ? 'the liar' : 'both who know it',
      codes('length'),
      codes('silence'),
      String(own.length),
    ];
  });
}

describe('the attack table of docs/security.md', () => {
  it('is what was caught here', async () => {
    const rows: string[][] = [];
    for (const primitive of PRIMITIVES) rows.push(...(await rowsOf(primitive)));
    expect(documentedTable('Attacks on four nodes', rows, 'security.md')).toEqual(rows);
  });
});
