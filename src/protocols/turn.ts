/**
 * A turn of the event loop: long computations take one between their pieces, so that meanwhile sockets are read and
 * written and other computations of the node go on.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
