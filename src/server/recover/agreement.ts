/** Whether nodes know the same: every fact that all must share, compared by name. */
import { canonicalJson } from '../../core/canonical-json.js';
import { WarifuError } from '../../core/errors.js';
import { foldName, schemaToJson } from '../../share/schema.js';
import type { Snapshot } from './snapshot.js';

/** What one node says. */
export interface Said {
  readonly name: string;
  readonly snapshot: Snapshot;
}

export interface Difference {
  /** `the grants of table 'patients'`. */
  readonly fact: string;
  /** Nodes that say the same, in groups; the largest first. */
  readonly groups: readonly (readonly string[])[];
  /** Whether it is about settings or grants, not about data. */
  readonly isSetting: boolean;
}

const NAMED = 5;

/** The facts on which nodes differ, in the order of tables and slices. */
export function differencesAmong(all: readonly Said[]): Difference[] {
  const facts = all.map(({ name, snapshot }) => ({ name, facts: factsOf(snapshot) }));
  const names = new Set(facts.flatMap((one) => [...one.facts.keys()]));
  return [...names].toSorted().flatMap((fact) => {
    const byValue = new Map<string | undefined, string[]>();
    for (const one of facts) {
      const value = one.facts.get(fact);
      byValue.set(value, [...(byValue.get(value) ?? []), one.name]);
    }
    if (byValue.size === 1) return [];
    const groups = [...byValue.values()].toSorted((a, b) => b.length - a.length);
    return [{ fact, groups, isSetting: !fact.startsWith('slice ') && !fact.startsWith('table ') }];
  });
}

/** `table 'a': owner and schema`, `the grants of table 'a'`... by what they are about. */
function factsOf({ tables, slices }: Snapshot): Map<string, string> {
  const facts = new Map<string, string>();
  for (const { name, schema, owner, contributors, minCounts, allowThree, grants } of tables) {
    const table = `table '${foldName(name)}'`;
    facts.set(table, canonicalJson({ name, owner, schema: schemaToJson(schema) }));
    facts.set(`the contributors of ${table}`, sorted(contributors));
    facts.set(`who allows three nodes for ${table}`, sorted([...allowThree]));
    facts.set(`the minimum counts of ${table}`, sorted(minCounts.map((one) => ({ ...one }))));
    facts.set(`the grants of ${table}`, sorted(grants.map((one) => ({ ...one }))));
  }
  for (const { schema, ...slice } of slices) {
    const fact = `slice '${foldName(slice.slice)}' of table '${foldName(slice.table)}'`;
    facts.set(fact, canonicalJson({ ...slice, schema: schemaToJson(schema) }));
  }
  return facts;
}

function sorted(values: readonly unknown[]): string {
  return canonicalJson(values.map((value) => canonicalJson(value)).toSorted());
}

/** The refusal to take the word of some of the other nodes against others. */
export function othersDiffer(differences: readonly Difference[]): WarifuError {
  const texts = differences.slice(0, NAMED).map(({ fact, groups }) => `${fact} (${split(groups)})`);
  const more = differences.length > NAMED ? `, and ${differences.length - NAMED} more` : '';
  const settings = differences.every(({ isSetting }) => isSetting);
  const advice = settings
    ? 'repeat the command that sets it, with --reached-only, then recover'
    : 'their operators find out why (an upload or drop may not be decided yet), then recover';
  return new WarifuError(
    settings ? 'POLICY_DIFFERS' : 'STATE_DIFFERS',
    `the other nodes do not agree on ${texts.join(', ')}${more}: ${advice}`,
    { facts: differences.slice(0, NAMED).map(({ fact }) => fact), nodes: oddOnes(differences) },
  );
}

/** `alpha says otherwise than gamma`: one node against a majority is the odd one. */
function split(groups: Difference['groups']): string {
  return groups.map((nodes) => nodes.join(' and ')).join(' / ');
}

/** The nodes that stand alone against more than one other; all of them where there is no majority. */
function oddOnes(differences: readonly Difference[]): string[] {
  const odd = differences.flatMap(({ groups }) => {
    const [largest, ...others] = groups;
    return (largest?.length ?? 0) > 1 && others.length > 0 ? others.flat() : groups.flat();
  });
  return [...new Set(odd)].toSorted();
}
