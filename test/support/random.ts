/** Seeded randomness for tests: reproducible, never used outside test/. */
import { randomInt } from 'node:crypto';
import { keystream } from '../../src/kernels/keystream.js';

/** The seed of this run: WARIFU_TEST_SEED, or a fresh one; printed with every failure by the test world. */
export const TEST_SEED = Number(process.env.WARIFU_TEST_SEED ?? randomInt(2 ** 31));

export class TestRandom {
  readonly #seed: number;
  readonly #label: string;
  #count = 0;

  constructor(label: string, seed = TEST_SEED) {
    this.#label = label;
    this.#seed = seed;
  }

  bytes(length: number): Uint8Array {
    const key = new Uint8Array(16);
    const view = new DataView(key.buffer);
    view.setUint32(0, this.#seed, true);
    view.setUint32(4, this.#count++, true);
    let hash = 2166136261;
    for (const char of this.#label) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619);
    view.setInt32(8, hash, true);
    return keystream(key, length);
  }

  /** A uniform integer below 2^bits. */
  bits(bits: number): bigint {
    let value = 0n;
    for (const byte of this.bytes(Math.ceil(bits / 8) || 1)) value = (value << 8n) | BigInt(byte);
    return BigInt.asUintN(bits, value);
  }

  /** An integer within inclusive bounds (close to uniform). */
  between(min: bigint, max: bigint): bigint {
    return min + (this.bits(160) % (max - min + 1n));
  }

  /** n values within bounds, the two extremes first. */
  values(n: number, min: bigint, max: bigint): bigint[] {
    return Array.from({ length: n }, (_, i) => (i === 0 ? min : i === 1 ? max : this.between(min, max)));
  }

  row(n: number): (0 | 1)[] {
    const bytes = this.bytes(n);
    return Array.from({ length: n }, (_, i) => ((bytes[i] ?? 0) & 1) as 0 | 1);
  }
}
