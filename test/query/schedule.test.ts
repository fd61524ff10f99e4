/** Whatever the order in which messages arrive, the nodes take the same steps and give the same answer. */
import { describe, expect, it } from 'vitest';
import type { NodeIndex } from '../../src/core/scheme.js';
import { MemoryNetwork, type MeteredChannel } from '../../src/transport/memory-network.js';
import { askPlain, askRep3 } from '../support/query.js';
import { TEST_SEED, TestRandom } from '../support/random.js';
import { randomRows, tableOf } from './tables.js';

/** Each message waits a random number of turns of the event loop before its receiver sees it. */
class ShuffledNetwork extends MemoryNetwork {
  readonly #random: TestRandom;
  readonly #slowNode: NodeIndex;

  constructor(schedule: number) {
    super(3, { record: true });
    this.#random = new TestRandom(`schedule ${schedule}`);
    this.#slowNode = (schedule % 3) as NodeIndex;
  }

  override channel(node: NodeIndex, session?: string): MeteredChannel {
    const channel = super.channel(node, session);
    const wait = async (): Promise<void> => {
      const turns = this.#random.between(0n, node === this.#slowNode ? 12n : 4n);
      for (let turn = 0n; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    };
    return {
      ...channel,
      send: async (...message) => {
        await wait();
        await channel.send(...message);
      },
      receive: async (...message) => {
        const bytes = await channel.receive(...message);
        await wait();
        return bytes;
      },
    };
  }
}

/** Names and sizes of all messages, whatever their order. */
function messagesOf(network: MemoryNetwork): string[] {
  return ([0, 1, 2] as const)
    .flatMap((node) => network.transcript(node))
    .map((m) => `${m.from}-${m.to} ${m.step} ${m.tag} ${m.clock} ${m.bytes.length}`)
    .sort();
}

const SQL =
  'SELECT sex, COUNT(*), AVG(score), VAR_POP(yen), VAR_SAMP(dose), t_test(yen, smoker), ' +
  "t_test(score, diabetic, 'student'), COUNT(score) FROM patients " +
  "WHERE (score >= 40 OR dose < 100 OR ward = 'b') AND NOT (smoker AND visits > 30) GROUP BY sex";

describe('random schedules', () => {
  const table = tableOf(randomRows(new TestRandom('schedules'), 70));
  const policy = { minCount: 3, ownRows: [{ start: 0, end: 9 }] };

  it('give one answer, by the same messages', async () => {
    const plain = await askPlain(SQL, table, policy);
    const calm = new MemoryNetwork(3, { record: true });
    await askRep3(SQL, table, policy, { network: calm });
    for (let schedule = 0; schedule < 8; schedule++) {
      const network = new ShuffledNetwork(schedule);
      const answer = await askRep3(SQL, table, policy, { network });
      expect(answer.table, `schedule ${schedule} of seed ${TEST_SEED}`).toEqual(plain.table);
      expect(messagesOf(network), `schedule ${schedule} of seed ${TEST_SEED}`).toEqual(messagesOf(calm));
    }
  });
});
