/** Nodes know each other by index, people know them by name. */
import type { ErrorDetails } from './errors.js';
import type { NodeIndex } from './scheme.js';

/** One node, or several: `nodes 0, 1 and 2`. */
const NUMBERS = /\b(?:node \d|nodes \d(?:(?:, | and )\d)+)(?![\w.@-])/g;

/** `node 1 is lost` with the name of node 1. @param names of the cluster's nodes, by index. */
export function withNodeNames(message: string, names: readonly string[]): string {
  return message.replace(NUMBERS, (said) =>
    said.replace(/\d/g, (index) => {
      const name = names[Number(index)];
      return name === undefined ? index : `'${name}'`;
    }),
  );
}

/** `node kita`, `nodes kita, naka and minami`. @param names at least one. */
export function nodesNamed(names: readonly string[]): string {
  const [last = '', ...others] = names.toReversed();
  return others.length === 0 ? `node ${last}` : `nodes ${others.toReversed().join(', ')} and ${last}`;
}

/** What one or several nodes say: of themselves, or of others. @param who `node kita`, `nodes kita and naka`. */
export function saidBy(who: string, message: string): string {
  if (!/^nodes? /.test(message)) return `${who}: ${message}`;
  return `${who} ${who.startsWith('nodes ') ? 'say' : 'says'}: ${message}`;
}

/** The nodes that an error's details blame, whether by index or by name: all of `nodes`, or `node`, or who sent it. */
export function nodesBlamed({ nodes, node, from }: ErrorDetails, names: readonly string[]): NodeIndex[] {
  const one = node ?? from;
  const blamed = Array.isArray(nodes) ? nodes : one === undefined ? [] : [String(one)];
  return blamed.flatMap((text: string) => {
    const index = names.includes(text)
      ? names.indexOf(text)
      : /^\d$/.test(text)
        ? Number(text)
        : names.length;
    return index < names.length ? [index as NodeIndex] : [];
  });
}
