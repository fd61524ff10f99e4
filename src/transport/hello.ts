/**
 * The handshake: each side's first frame says who it is and what it speaks, and both compare.
 *
 * Body: u32 magic, u16 protocol version, cluster fingerprint 32, u8 node, u64 wall clock in ms, boot id 16,
 * software version text. Magic and version keep their place in all versions, so that any two can tell each
 * other apart.
 */
import { type ByteReader, ByteWriter } from '../core/bytes.js';
import { WarifuError } from '../core/errors.js';

/** Version of frames and of everything that nodes say to each other in them. */
export const PROTOCOL_VERSION = 3;
const MAGIC = 0x55465257; // 'WRFU'
const FINGERPRINT_BYTES = 32;
const BOOT_BYTES = 16;
const MAX_SOFTWARE_BYTES = 64;

export interface Hello {
  readonly version: number;
  /** Fingerprint of the cluster file, 64 hexadecimal digits. */
  readonly cluster: string;
  readonly node: number;
  /** Milliseconds since 1970 on the sender's clock. */
  readonly wallClock: number;
  /** Random at every start of a node, 32 hexadecimal digits. */
  readonly bootId: string;
  readonly software: string;
}

export function encodeHello(hello: Hello): Uint8Array {
  return new ByteWriter(160)
    .u32(MAGIC)
    .u16(hello.version)
    .raw(Buffer.from(hello.cluster, 'hex'))
    .u8(hello.node)
    .u64(BigInt(hello.wallClock))
    .raw(Buffer.from(hello.bootId, 'hex'))
    .text(hello.software.slice(0, MAX_SOFTWARE_BYTES))
    .finish();
}

/** Reads a hello; the rest of one in another version is skipped, because only its version can be understood. */
export function decodeHello(reader: ByteReader): Hello {
  if (reader.u32() !== MAGIC) throw new WarifuError('FRAME_INVALID', 'not a warifu hello');
  const version = reader.u16();
  if (version !== PROTOCOL_VERSION) {
    reader.raw(reader.remaining);
    return { version, cluster: '', node: 0, wallClock: 0, bootId: '', software: '' };
  }
  return {
    version,
    cluster: Buffer.from(reader.raw(FINGERPRINT_BYTES)).toString('hex'),
    node: reader.u8(),
    wallClock: Number(reader.u64()),
    bootId: Buffer.from(reader.raw(BOOT_BYTES)).toString('hex'),
    software: reader.text(MAX_SOFTWARE_BYTES),
  };
}

/**
 * Compares the hello of a peer with our own.
 *
 * Errors: HANDSHAKE_VERSION, HANDSHAKE_CLUSTER, HANDSHAKE_CERTIFICATE (the certificate is another node's),
 * HANDSHAKE_CLOCK; each says what is here and what is there.
 */
export function compareHello(mine: Hello, theirs: Hello, expectedNode: number, clockMs: number): void {
  if (theirs.version !== mine.version) {
    throw new WarifuError(
      'HANDSHAKE_VERSION',
      `node ${expectedNode} speaks protocol version ${theirs.version}, node ${mine.node} speaks ${mine.version}: update the older one`,
      { node: expectedNode, mine: mine.version, theirs: theirs.version },
    );
  }
  if (theirs.cluster !== mine.cluster) {
    throw new WarifuError(
      'HANDSHAKE_CLUSTER',
      `node ${expectedNode} has the cluster file ${brief(theirs.cluster)}, node ${mine.node} has ${brief(mine.cluster)}: give both the same file`,
      { node: expectedNode, mine: mine.cluster, theirs: theirs.cluster },
    );
  }
  if (theirs.node !== expectedNode) {
    throw new WarifuError(
      'HANDSHAKE_CERTIFICATE',
      `the certificate is that of node ${expectedNode}, but its holder says it is node ${theirs.node}`,
      { node: expectedNode, theirs: theirs.node },
    );
  }
  const offMs = theirs.wallClock - mine.wallClock;
  if (Math.abs(offMs) > clockMs) {
    const seconds = Math.round(offMs / 1000);
    throw new WarifuError(
      'HANDSHAKE_CLOCK',
      `the clock of node ${expectedNode} is ${Math.abs(seconds)} seconds ${seconds > 0 ? 'ahead of' : 'behind'} that of node ${mine.node}, at most ${clockMs / 1000} are allowed: set the clocks`,
      { node: expectedNode, seconds },
    );
  }
}

function brief(fingerprint: string): string {
  return `${fingerprint.slice(0, 16)}…`;
}
