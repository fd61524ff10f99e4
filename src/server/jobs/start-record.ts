/**
 * The start record: what all nodes agree on before a job runs. It binds the correlated randomness and is never the
 * same for two runs (it contains every node's epoch and the digest of a request that is served once).
 */
import { canonicalJson } from '../../core/canonical-json.js';
import { sha256 } from '../../core/digest.js';
import { type ErrorCode, WarifuError } from '../../core/errors.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { Proposal } from './control-message.js';

export interface StartRecord {
  readonly digest: Uint8Array;
  /** The strictest of all nodes. */
  readonly minCount: number;
  /** The most that any node reckons with. */
  readonly memory: number;
  /** The smallest memory of any node. */
  readonly room: number;
}

/** How a difference in an agreed fact is reported; others are POLICY_DIFFERS. */
const DIFFERENCES: Readonly<Record<string, { readonly code: ErrorCode; readonly advice: string }>> = {
  slices: { code: 'STATE_DIFFERS', advice: 'a node is still catching up: try again in a few seconds' },
  protocol: { code: 'HANDSHAKE_VERSION', advice: 'run the same version of warifu at all nodes' },
  plan: { code: 'STATE_DIFFERS', advice: 'run the same version of warifu at all nodes' },
};

/**
 * @param proposals of all nodes, by node index.
 * @throws WarifuError naming the fact and the nodes that differ.
 */
export function agree(
  cluster: string,
  job: string,
  proposals: readonly Proposal[],
  nameOf: (node: NodeIndex) => string,
): StartRecord {
  const [first] = proposals;
  if (first === undefined) throw new RangeError('no proposals');
  proposals.forEach((other, node) => {
    const differing = differingFact(first, other);
    if (differing !== undefined) throw differs(differing, nameOf(0), nameOf(node as NodeIndex));
  });
  const minCount = Math.max(...proposals.map((proposal) => proposal.minCount));
  // Floors that differ may ask for more or fewer comparisons: the strictest will run.
  const memory = Math.max(...proposals.map((proposal) => proposal.memory));
  const record = {
    format: 1,
    cluster,
    job,
    kind: first.kind,
    agreed: first.agreed,
    min_counts: proposals.map((proposal) => proposal.minCount),
    min_count: minCount,
    epochs: proposals.map((proposal) => proposal.epoch),
    memory,
  };
  return {
    digest: sha256(new TextEncoder().encode(`warifu start record v1\0${canonicalJson(record)}`)),
    minCount,
    memory,
    room: Math.min(...proposals.map((proposal) => proposal.room)),
  };
}

function differingFact(ours: Proposal, theirs: Proposal): string | undefined {
  if (ours.kind !== theirs.kind) return 'kind';
  const names = new Set([...Object.keys(ours.agreed), ...Object.keys(theirs.agreed)]);
  return [...names].find(
    (name) => canonicalJson(ours.agreed[name] ?? null) !== canonicalJson(theirs.agreed[name] ?? null),
  );
}

function differs(fact: string, ours: string, theirs: string): WarifuError {
  const { code, advice } = DIFFERENCES[fact] ?? {
    code: 'POLICY_DIFFERS' as const,
    advice: `repeat the command that sets it, so that every node takes it`,
  };
  return new WarifuError(code, `nodes ${ours} and ${theirs} do not agree on '${fact}': ${advice}`, {
    fact,
    nodes: [ours, theirs],
  });
}
