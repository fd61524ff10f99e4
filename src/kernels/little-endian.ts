/**
 * Vectors are sent, stored and viewed in the byte order of the machine, which therefore must be little-endian.
 */
export function isLittleEndian(): boolean {
  return new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
}

if (!isLittleEndian()) {
  throw new Error('warifu runs on little-endian machines only (x86-64, ARM64, RISC-V, WebAssembly)');
}
