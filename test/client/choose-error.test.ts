import { describe, expect, it } from 'vitest';
import { chooseError, type NodeFailure } from '../../src/client/choose-error.js';
import type { NodeCard } from '../../src/core/cluster-file.js';
import { WarifuError } from '../../src/core/errors.js';

const NAMES = ['north', 'south', 'east'];

function failure(node: 0 | 1 | 2, message: string): NodeFailure {
  const card: NodeCard = {
    warifu_card: 1,
    name: NAMES[node]!,
    peer: '',
    client: '',
    certificates: [],
    pins: [],
  };
  return {
    known: { node, card } as NodeFailure['known'],
    error: new WarifuError('NODE_LOST', message),
    from: 'node',
  };
}

describe('an error that a node passes on', () => {
  it('names nodes as people do', () => {
    const error = chooseError([failure(0, 'node 2 says: node 1 is lost: silent for 5 seconds')], NAMES);
    expect(error.message).toBe(
      "node 'north' says: node 'east' says: node 'south' is lost: silent for 5 seconds",
    );
  });

  it('says who says it of another', () => {
    const said = 'node 1 is lost: silent for 5 seconds';
    const error = chooseError([failure(0, said), failure(2, said)], NAMES);
    expect(error.message).toBe("nodes 'north' and 'east' say: node 'south' is lost: silent for 5 seconds");
  });

  it('names them too where all nodes say the same, and leaves other numbers alone', () => {
    const said = 'node 1 is lost: node 12, node 3 and node 1.example are none';
    const error = chooseError([failure(0, said), failure(1, said), failure(2, said)], NAMES);
    expect(error.message).toBe("node 'south' is lost: node 12, node 3 and node 1.example are none");
  });
});

it('has no names of who says it where all that were asked do', () => {
  const said = [failure(0, 'x'), failure(1, 'x')];
  expect(chooseError(said, NAMES, 2).message).toBe('x');
  expect(chooseError(said, NAMES).message).toBe("nodes 'north' and 'south': x");
});

it('names all nodes that the client does not reach', () => {
  const away = (node: 0 | 1 | 2, code: 'NODE_UNREACHABLE' | 'HANDSHAKE_CERTIFICATE'): NodeFailure => ({
    ...failure(node, ''),
    error: new WarifuError(code, `node '${NAMES[node]}' cannot be reached`, { node }),
    from: 'connection',
  });
  const both = chooseError([away(0, 'NODE_UNREACHABLE'), away(2, 'NODE_UNREACHABLE')], NAMES);
  expect(both.message).toBe("node 'north' cannot be reached; node 'east' cannot be reached");
  expect(both.details).toEqual({ nodes: ['north', 'east'], met_by: 'client' });
  const one = chooseError([away(0, 'NODE_UNREACHABLE'), failure(2, 'x')], NAMES);
  expect(one).toMatchObject({ message: "node 'north' cannot be reached", details: { node: 0 } });
  const other = chooseError([away(0, 'NODE_UNREACHABLE'), away(2, 'HANDSHAKE_CERTIFICATE')], NAMES);
  expect(other.message).not.toContain(';');
});
