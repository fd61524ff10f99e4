/** The backend that a node computes with, by its cluster's scheme. */
import type { Scheme } from '../../core/scheme.js';
import type { Backend } from '../../protocols/backend.js';
import { KeyedRandomness } from '../../protocols/randomness.js';
import { Rep3Backend } from '../../protocols/rep3/backend.js';
import { Rep3Party } from '../../protocols/rep3/party.js';
import { Rep4Backend } from '../../protocols/rep4/backend.js';
import { Rep4Party } from '../../protocols/rep4/party.js';
import { TagKeys } from '../../protocols/rep4/tag-keys.js';
import type { Channel } from '../../transport/channel.js';
import { foldedChannel } from './folded-channel.js';
import type { JobKeys } from './job-keys.js';

/** @param channel among the nodes of the scheme, which may be the survivors of four. */
export function makeBackend(scheme: Scheme, channel: Channel, { parts, tags }: JobKeys): Backend {
  const randomness = new KeyedRandomness(parts);
  if (scheme.name === 'rep3')
    return new Rep3Backend(new Rep3Party(foldedChannel(channel, scheme), randomness));
  return new Rep4Backend(new Rep4Party(channel, randomness, new TagKeys(channel.self, tags)));
}
