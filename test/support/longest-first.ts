/** Order of test files: those that take a minute or so come first, so that none of them is left for the end, alone. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONG = [
  /\/processes\//,
  /\/cli\/(local-cluster|lost-node)\./,
  /\/protocols\/rep4\//,
  /\/protocols\/(correctness|robustness|transcript)\./,
  /\/server\/(recover\/|four-nodes|three-of-four)/,
  /\/transport\/attacks\//,
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.some((long) => long.test(moduleId));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
