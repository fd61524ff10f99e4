/**
 * Who holds what. A value is the sum (XOR for bits) of parts; a node holds all parts but one.
 *
 * rep3: three parts, node i holds parts i and i+1 (Araki et al. 2016).
 * rep4: four parts, node i holds all but part i (Dalskov, Escudero, Keller 2021).
 * plain: one part at one node; the test oracle, which a node never loads.
 */

/** Index of a compute node in its cluster. */
export type NodeIndex = 0 | 1 | 2 | 3;
/** Index of a part of a shared value. */
export type PartIndex = 0 | 1 | 2 | 3;

export type SchemeName = 'plain' | 'rep3' | 'rep4';
/** Schemes that nodes of a cluster run; the plain one is the tests' alone. */
export type ClusterSchemeName = Exclude<SchemeName, 'plain'>;

export interface Scheme {
  readonly name: SchemeName;
  readonly nodes: readonly NodeIndex[];
  readonly parts: readonly PartIndex[];
  /** Parts held by each node, in the order in which a share lists them. */
  readonly held: readonly (readonly PartIndex[])[];
}

export const PLAIN: Scheme = { name: 'plain', nodes: [0], parts: [0], held: [[0]] };

export const REP3: Scheme = {
  name: 'rep3',
  nodes: [0, 1, 2],
  parts: [0, 1, 2],
  held: [
    [0, 1],
    [1, 2],
    [2, 0],
  ],
};

export const REP4: Scheme = {
  name: 'rep4',
  nodes: [0, 1, 2, 3],
  parts: [0, 1, 2, 3],
  held: [
    [1, 2, 3],
    [0, 2, 3],
    [0, 1, 3],
    [0, 1, 2],
  ],
};

/** The scheme of a cluster. */
export function schemeNamed(name: ClusterSchemeName): Scheme {
  return name === 'rep3' ? REP3 : REP4;
}

/** The scheme for so many nodes; undefined where there is none. */
export function schemeForNodes(nodes: number): ClusterSchemeName | undefined {
  if (nodes === REP3.nodes.length) return 'rep3';
  return nodes === REP4.nodes.length ? 'rep4' : undefined;
}

/** The other nodes of a scheme, in node order. */
export function peersOf(scheme: Scheme, self: NodeIndex): readonly NodeIndex[] {
  return scheme.nodes.filter((node) => node !== self);
}

/** The parts a node holds, in share order. */
export function partsHeldBy(scheme: Scheme, node: NodeIndex): readonly PartIndex[] {
  const parts = scheme.held[node];
  if (parts === undefined) throw new RangeError(`${scheme.name} has no node ${node}`);
  return parts;
}

/** The nodes that hold a part, in node order. */
export function holdersOf(scheme: Scheme, part: PartIndex): readonly NodeIndex[] {
  return scheme.nodes.filter((node) => partsHeldBy(scheme, node).includes(part));
}
