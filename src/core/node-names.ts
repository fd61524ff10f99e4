/** Nodes know each other by index, people know them by name. */
import type { ErrorDetails } from './errors.js';
import type { NodeIndex } from './scheme.js';

/** `node 1 is lost` with the name of node 1. @param names of the cluster's nodes, by index. */
export function withNodeNames(message: string, names: readonly string[]): string {
  return message.replace(/\bnode (\d)(?![\w.@-])/g, (whole, index: string) => {
    const name = names[Number(index)];
    return name === undefined ? whole : `node '${name}'`;
  });
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
