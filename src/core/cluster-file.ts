/**
 * Node cards and the cluster file: which three or four nodes compute together, where they are reached, and the keys by
 * which they are known. Everything in them is public; what makes a cluster file trustworthy is that operators
 * read its fingerprint to each other.
 */
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { canonicalJson, parseBoundedJson } from './canonical-json.js';
import { sha256 } from './digest.js';
import { WarifuError } from './errors.js';
import { digestField, wordField } from './fields.js';
import { type ClusterSchemeName, schemeForNodes } from './scheme.js';

export const CARD_FORMAT = 1;
export const CLUSTER_FORMAT = 1;
/** Two certificates at most: one in use, one that will follow it. */
const MAX_CERTIFICATES = 2;
const MAX_PEM_LENGTH = 8192;
const MAX_CLUSTER_TEXT = 256 * 1024;

const address = z
  .string()
  .max(262)
  .regex(/^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$/, 'must be HOST:PORT')
  .refine((text) => {
    const port = Number(text.slice(text.lastIndexOf(':') + 1));
    return port >= 1 && port <= 65_535;
  }, 'must have a port from 1 to 65535');

const cardJson = z
  .strictObject({
    warifu_card: z.literal(CARD_FORMAT),
    /** One word, distinct within a cluster. */
    name: wordField,
    /** HOST:PORT for the other nodes. */
    peer: address,
    /** HOST:PORT for clients. */
    client: address,
    /** Self-signed certificates, PEM. */
    certificates: z.array(z.string().max(MAX_PEM_LENGTH)).min(1).max(MAX_CERTIFICATES),
    /** SHA-256 of each certificate's public key (SubjectPublicKeyInfo, DER), in the same order. */
    pins: z.array(digestField).min(1).max(MAX_CERTIFICATES),
  })
  .refine((card) => card.pins.length === card.certificates.length, 'must have a pin for each certificate');

/** One organisation's node, as it introduces itself. */
export type NodeCard = z.infer<typeof cardJson>;

const clusterJson = z.strictObject({
  warifu_cluster: z.literal(CLUSTER_FORMAT),
  scheme: z.enum(['rep3', 'rep4']),
  /** In the order of their indices: three for rep3, four for rep4. */
  nodes: z.array(cardJson).min(3).max(4),
});

export interface Cluster {
  readonly scheme: ClusterSchemeName;
  /** Node i of the computation is nodes[i]. */
  readonly nodes: readonly NodeCard[];
  /** SHA-256 over the canonical JSON of the file: 64 hex digits. */
  readonly fingerprint: string;
}

/**
 * Parses a node's card.
 *
 * @throws WarifuError CONFIG_INVALID naming the field.
 */
export function parseCard(text: string): NodeCard {
  return checked(cardJson, text, 'the node card');
}

/** The text of a card file. */
export function cardText(card: NodeCard): string {
  return `${JSON.stringify(card, undefined, 2)}\n`;
}

/**
 * Joins three or four cards, in the order of their node indices.
 *
 * @param scheme must be that of so many nodes; left away, it is that one.
 * @throws WarifuError CONFIG_INVALID when they are not three or four nodes with their own names, keys and addresses.
 */
export function joinCards(
  cards: readonly NodeCard[],
  scheme: ClusterSchemeName | undefined = schemeForNodes(cards.length),
): Cluster {
  if (scheme === undefined) throw invalid(`a cluster has 3 or 4 nodes, not ${cards.length}`);
  if (scheme !== schemeForNodes(cards.length)) {
    throw invalid(`a cluster of scheme ${scheme} does not have ${cards.length} nodes: make the file anew`);
  }
  refuseRepeats(
    'name',
    cards.map((card) => card.name.toLowerCase()),
  );
  refuseRepeats(
    'key',
    cards.flatMap((card) => card.pins),
  );
  refuseRepeats(
    'address',
    cards.flatMap((card) => [card.peer.toLowerCase(), card.client.toLowerCase()]),
  );
  const fingerprint = bytesToHex(sha256(utf8ToBytes(canonicalJson(clusterData(cards, scheme)))));
  return { scheme, nodes: cards, fingerprint };
}

/**
 * Parses a cluster file. It checks what can be checked without reading certificates; a node also compares each
 * pin with its certificate (server/identity).
 *
 * @throws WarifuError CONFIG_INVALID naming the field.
 */
export function parseClusterFile(text: string): Cluster {
  const { nodes, scheme } = checked(clusterJson, text, 'the cluster file');
  return joinCards(nodes, scheme);
}

/** The text of a cluster file. */
export function clusterText(cluster: Cluster): string {
  return `${JSON.stringify(clusterData(cluster.nodes, cluster.scheme), undefined, 2)}\n`;
}

/**
 * The fingerprint as people read it to each other: the first 128 bits, eight groups of four digits. Programs
 * compare all 256 bits.
 */
export function spokenFingerprint(fingerprint: string): string {
  return (fingerprint.slice(0, 32).match(/.{4}/g) ?? []).join(' ');
}

function clusterData(cards: readonly NodeCard[], scheme: Cluster['scheme']): z.infer<typeof clusterJson> {
  return { warifu_cluster: CLUSTER_FORMAT, scheme, nodes: [...cards] };
}

function checked<T>(schema: z.ZodType<T>, text: string, what: string): T {
  if (text.length > MAX_CLUSTER_TEXT) throw invalid(`${what} is longer than ${MAX_CLUSTER_TEXT} characters`);
  let data: unknown;
  try {
    data = parseBoundedJson(text, what);
  } catch (thrown) {
    throw thrown instanceof WarifuError ? invalid(thrown.message) : thrown;
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? '' : ` at '${issue.path.join('.')}'`;
  throw invalid(`${what} is not valid${field}: ${issue?.message ?? 'unknown fault'}`);
}

function refuseRepeats(what: string, values: readonly string[]): void {
  const repeated = values.find((value, i) => values.indexOf(value) !== i);
  if (repeated !== undefined) {
    throw invalid(`the nodes of a cluster differ in every ${what}, but '${repeated}' occurs twice`);
  }
}

function invalid(message: string): WarifuError {
  return new WarifuError('CONFIG_INVALID', message);
}
