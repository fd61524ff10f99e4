/** The channel of a survivor as the three-node backend sees it: nodes 0, 1 and 2 are the survivors in their order. */
import type { NodeIndex, Scheme } from '../../core/scheme.js';
import type { Channel } from '../../transport/channel.js';

/** @param channel among nodes of these numbers in the cluster; returned as it is where they are 0, 1, 2... anyway. */
export function foldedChannel(channel: Channel, { nodes }: Scheme): Channel {
  if (nodes.every((node, place) => node === place)) return channel;
  const numberOf = (place: NodeIndex): NodeIndex => {
    const node = nodes[place];
    if (node === undefined) throw new RangeError(`there is no node in place ${place}`);
    return node;
  };
  return {
    self: nodes.indexOf(channel.self) as NodeIndex,
    send: (to, key, bytes, clock) => channel.send(numberOf(to), key, bytes, clock),
    begin: (to, key, bytes, clock) => channel.begin(numberOf(to), key, bytes, clock),
    receive: (from, key, length) => channel.receive(numberOf(from), key, length),
  };
}
