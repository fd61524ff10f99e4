/** What a lying node may ask and tell about attempts, in each state that they can have at the one it speaks to. */
import { type NodeIndex, peersOf, REP4 } from '../../../src/core/scheme.js';
import { type ControlMessage, controlMessage } from '../../../src/server/jobs/control-message.js';
import { Decisions } from '../../../src/server/jobs/decisions.js';
import { IN_MEMORY, SqliteCatalogue } from '../../../src/server/store/sqlite-catalogue.js';
import { SCHEMA } from '../support/hospital.js';
import { NAMES } from './job-world.js';
import { testVotes, voteOf } from './test-votes.js';

const ATTEMPT = '2'.repeat(32);
const VERSION = '1'.repeat(32);
const UPLOAD = { table: 't', slice: 's', contributor: 'hana', schema: SCHEMA, rows: 64, chunkRows: 64 };
const [SELF, LIAR] = [0, 3] as const;
/** Nobody votes: what is to be prepared is not. */
const JOB = { gatherVotes: async () => [] };

type About = Extract<ControlMessage, { attempt: string }>;

/** States of an attempt at a node. */
export const STATES = [
  'unknown',
  'running',
  'undecided',
  'about to be committed',
  'committed',
  'rolled back',
] as const;
export type State = (typeof STATES)[number];

/** Everything that can be said about an attempt, as the schema has it. */
export const ABOUT_ATTEMPTS: readonly About[] = controlMessage.options.flatMap(({ shape }): About[] => {
  if (!('attempt' in shape)) return [];
  if (!('outcome' in shape)) return [{ type: 'ask', attempt: ATTEMPT }];
  const votes = [null, null, null, voteOf(LIAR, ATTEMPT)];
  return shape.outcome.options.map((outcome) => ({ type: 'tell', attempt: ATTEMPT, outcome, votes }));
});

/** What is said of an attempt in a state by one of three peers: what becomes of it here, and what is answered. */
export async function afterSaying(
  message: About,
  state: State,
): Promise<{ outcome: string; answer: string }> {
  const catalogue = new SqliteCatalogue(IN_MEMORY);
  const votes = REP4.nodes.map((node) => voteOf(node, ATTEMPT));
  const answers: ControlMessage[] = [];
  const decisions = new Decisions({
    catalogue,
    mesh: { sendControl: (_to: NodeIndex, answer: unknown) => answers.push(answer as ControlMessage) },
    self: SELF,
    peers: peersOf(REP4, SELF),
    nameOf: (node) => NAMES[node],
    votes: testVotes(SELF),
    onDecided: async () => undefined,
  });
  await catalogue.stage({ ...UPLOAD, version: VERSION, replace: false });
  if (state === 'rolled back') await catalogue.rollback(ATTEMPT);
  if (state === 'undecided' || state === 'about to be committed' || state === 'committed') {
    await catalogue.prepareUpload(ATTEMPT, VERSION, new Uint8Array(8));
  }
  if (state === 'about to be committed') await catalogue.lean(ATTEMPT, 'committing', votes);
  if (state === 'committed') await catalogue.commit(ATTEMPT);
  const end = new AbortController();
  const running =
    state === 'running' ? decisions.decide(JOB, ATTEMPT, () => never(end.signal)) : Promise.resolve();
  await decisions.handle(LIAR, message);
  const outcome = await catalogue.outcome(ATTEMPT);
  end.abort(new Error('the end of the test'));
  await running.catch(() => undefined);
  catalogue.close();
  const told = answers.map((answer) => (answer.type === 'tell' ? answer.outcome : answer.type)).join();
  return { outcome, answer: told };
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}
