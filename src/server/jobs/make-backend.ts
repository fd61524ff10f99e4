/** The backend that a node computes with, by its cluster's scheme. */
import type { Scheme } from '../../core/scheme.js';
import type { Backend } from '../../protocols/backend.js';
import { KeyedRandomness } from '../../protocols/randomness.js';
import { Rep3Backend } from '../../protocols/rep3/backend.js';
import { Rep3Party } from '../../protocols/rep3/party.js';
import type { Channel } from '../../transport/channel.js';
import type { JobKeys } from './job-keys.js';

/** @param channel to the other nodes of the scheme. */
export function makeBackend({ name }: Scheme, channel: Channel, { parts }: JobKeys): Backend {
  if (name === 'rep3') return new Rep3Backend(new Rep3Party(channel, new KeyedRandomness(parts)));
  throw new RangeError(`nodes have no backend for ${name}`);
}
