/** What one node does about an attempt, for all that three or four nodes can say. */
import { describe, expect, it } from 'vitest';
import { isAgainst, isFor, nextStep, type Told } from '../../../src/server/jobs/next-step.js';

const TOLD: readonly (Told | undefined)[] = [
  undefined,
  'undecided',
  'prepared',
  'committing',
  'rolling-back',
  'committed',
  'rolled-back',
];
const OWN = ['prepared', 'committing', 'rolling-back'] as const;

function answersOf(peers: number): (Told | undefined)[][] {
  if (peers === 0) return [[]];
  return answersOf(peers - 1).flatMap((rest) => TOLD.map((told) => [told, ...rest]));
}

const CASES = [2, 3].flatMap((peers) =>
  answersOf(peers).flatMap((answers) =>
    OWN.flatMap((own) => [true, false].map((hasAll) => ({ own, answers, hasAll }))),
  ),
);

describe('the next step of a node that has prepared', () => {
  it('is to decide exactly when all nodes but one are for the same', () => {
    for (const { own, answers, hasAll } of CASES) {
      const all = [own, ...answers];
      const step = nextStep(own, answers, hasAll);
      expect(step === 'committed', `${all}`).toBe(all.filter(isFor).length >= answers.length);
      expect(step === 'rolled-back', `${all}`).toBe(all.filter(isAgainst).length >= answers.length);
    }
  });

  it('is never to change its mind, and to be for committing with the votes of all only', () => {
    for (const { own, answers, hasAll } of CASES) {
      const step = nextStep(own, answers, hasAll);
      const leans = step === 'committing' || step === 'rolling-back';
      expect(leans && own !== 'prepared').toBe(false);
      expect(step === 'committing' && !hasAll).toBe(false);
      expect(step === 'rolling-back' && (hasAll || !answers.some(isAgainst))).toBe(false);
    }
  });

  it('is to wait while the only one who has given up may lie, and another may still get all votes', () => {
    expect(nextStep('prepared', ['rolled-back', 'prepared', undefined], false)).toBe('wait');
    expect(nextStep('prepared', ['rolled-back', 'prepared', 'undecided'], false)).toBe('wait');
    expect(nextStep('prepared', ['rolled-back', 'prepared', 'prepared'], false)).toBe('rolling-back');
    expect(nextStep('prepared', ['rolled-back', 'rolling-back', undefined], false)).toBe('rolling-back');
    expect(nextStep('prepared', ['rolled-back', undefined], false)).toBe('rolling-back');
  });

  it('is a conflict only among four, two against two', () => {
    for (const { own, answers, hasAll } of CASES) {
      const step = nextStep(own, answers, hasAll);
      const all = [own, ...answers];
      const split = all.filter(isFor).length === 2 && all.filter(isAgainst).length === 2;
      expect(step === 'conflict', `${all}`).toBe(split && own !== 'prepared');
    }
  });
});
