/**
 * Step paths: the name of one place in one computation, such as `query/where/0/sign/carry/2`.
 *
 * A path keys both the messages and the randomness of its step, so concurrent protocols cannot swap
 * messages or share a mask. All nodes run the same program and therefore derive the same paths.
 */
import { WarifuError } from './errors.js';

export const MAX_STEP_PATH = 240;
const NAME = /^[a-z0-9-]+$/;

export type StepPath = string & { readonly __stepPath: never };

export function rootStep(name: string): StepPath {
  return checked(name, name);
}

export function childStep(parent: StepPath, name: string): StepPath {
  return checked(`${parent}/${name}`, name);
}

function checked(path: string, name: string): StepPath {
  if (!NAME.test(name)) throw new WarifuError('INTERNAL', `step name '${name}' is not [a-z0-9-]+`);
  if (path.length > MAX_STEP_PATH)
    throw new WarifuError('INTERNAL', `step path longer than ${MAX_STEP_PATH}`);
  return path as StepPath;
}
