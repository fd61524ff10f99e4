/** Memory that is not cleared, because all of it is about to be overwritten: clearing took 2-3 % of a node's time. */

// Not an import, so that this file also loads where there is no Node.
const nodeBuffer = globalThis.Buffer as typeof Buffer | undefined;

/** A buffer of its own with arbitrary content; cleared where the runtime has nothing else. */
export function uninitialised(bytes: number): ArrayBuffer {
  return nodeBuffer === undefined ? new ArrayBuffer(bytes) : nodeBuffer.allocUnsafeSlow(bytes).buffer;
}
