/** The protocol benches: pinned costs, right results in one process, and a check that notices wrong ones. */
import { describe, expect, it } from 'vitest';
import { FOUR_NODES_PINS, PINNED_ITEMS, PINS, WITHIN_BOUND } from '../../bench/ci/pins.js';
import { PROTOCOL_BENCHES, protocolBench } from '../../bench/protocols/catalogue.js';
import { nodeDealer } from '../../bench/protocols/dealer.js';
import { dryCosts, isEstimated } from '../../bench/protocols/protocol-bench.js';
import { type PartSummary, summarise, verify } from '../../bench/protocols/verify.js';
import { partsHeldBy, peersOf, REP3, REP4, type Scheme } from '../../src/core/scheme.js';
import { Context } from '../../src/protocols/context.js';
import { makeBackend } from '../../src/server/jobs/make-backend.js';
import { MemoryNetwork } from '../../src/transport/memory-network.js';

/** Not a multiple of 64. */
const N = 333;

const RUNS = PROTOCOL_BENCHES.flatMap((bench) => [
  { name: bench.name, bench, scheme: REP3, pins: PINS },
  ...(FOUR_NODES_PINS[bench.name] === undefined
    ? []
    : [{ name: bench.name, bench, scheme: REP4, pins: FOUR_NODES_PINS }]),
]);

async function results(name: string, scheme: Scheme = REP3): Promise<PartSummary[]> {
  const network = new MemoryNetwork(scheme.nodes.length, { stallMs: 10_000 });
  const all = await Promise.all(
    scheme.nodes.map((node) => {
      const key = (number: number): Uint8Array => new Uint8Array(32).fill(number);
      const parts = new Map(partsHeldBy(scheme, node).map((part) => [part, key(part + 1)] as const));
      const tags = new Map(peersOf(scheme, node).map((peer) => [peer, key(10 + node + peer)] as const));
      const backend = makeBackend(scheme, network.channel(node), { parts, tags });
      const program = protocolBench(name).prepare(nodeDealer(scheme, node), N);
      return program(Context.root(backend, 'bench'));
    }),
  );
  return all.flatMap(summarise);
}

describe.each(RUNS)('$name, $scheme.name', ({ name, bench, scheme, pins }) => {
  it('costs by the dry run what is pinned for CI', async () => {
    const costs = await dryCosts(bench, PINNED_ITEMS, scheme);
    const { rounds, bytes } = costs.expected;
    const one = { rounds: rounds / bench.repeat, bytes: bytes.map((sent) => sent / bench.repeat) };
    expect(isEstimated(costs) ? WITHIN_BOUND : one).toEqual(pins[name]);
  });

  it('gives what plain arithmetic gives, and a wrong word is noticed', async () => {
    const found = await results(name, scheme);
    const expected = bench.expected(N);
    expect(() => verify(found, expected)).not.toThrow();
    // all nodes that hold the part agree on it, so only the comparison can notice
    const spoilt = found.map((summary) => {
      if (summary.part !== 0) return summary;
      const sample = summary.sample.slice();
      sample[sample.length - 1]! ^= 1n << 62n;
      return { ...summary, sample };
    });
    expect(() => verify(spoilt, expected)).toThrow(/the result is wrong: /);
  });
});

describe('verify', () => {
  it('notices copies that differ, and words outside the sample', async () => {
    const found = await results('multiply');
    const expected = protocolBench('multiply').expected(N);
    const first = found[0]!;
    expect(() => verify([{ ...first, digest: '00' }, ...found.slice(1)], expected)).toThrow(
      /two copies of part/,
    );
    const total = found.map((summary) =>
      summary.part === 0 ? { ...summary, total: summary.total + 1n } : summary,
    );
    expect(() => verify(total, expected)).toThrow(/the sum of 333 words/);
  });

  it('compares values that differ, and values that are equal', () => {
    for (const name of ['less-than-16', 'less-than-64', 'equal-32']) {
      const { words } = protocolBench(name).expected(6400) as { words: BigUint64Array };
      const ones = words.reduce((sum, word) => sum + word.toString(2).replaceAll('0', '').length, 0);
      expect(ones, name).toBeGreaterThan(300);
      expect(ones, name).toBeLessThan(6000);
    }
  });
});
