/** The products of one of four parties; contracts in `Kernels`. */
import type { ProductTerms, Three, Two, XorTerms } from '../kernels.js';
import type { RingVector } from '../ring-vector.js';
import { add, multiply, scale, subtract, sum } from './arithmetic.js';
import { checkInnerTerms, checkProductTerms, checkRingTerms, checkXorTerms } from './checks.js';

export function multiplyTermsInto(terms: ProductTerms<RingVector>): void {
  checkRingTerms(terms);
  const { x, y, masks, plus, crossed, messages, sums } = terms;
  const both = multiply(add(x[0], x[1]), add(y[0], y[1]));
  const mixed = [0, 1].map((k) => add(multiply(x[2], y[k]!), multiply(x[k]!, y[2])));
  const masked = [both, ...mixed].map((own, k) => subtract(own, masks[k]!)) as unknown as Three<RingVector>;
  masked.forEach((own, k) => messages[k]!.data.set(own.data as never));
  placesOf(masked, masks, crossed).forEach((own, k) =>
    sums[k]!.data.set([...own, ...plus[k]!].reduce(add).data as never),
  );
}

export function xorTermsInto(terms: XorTerms): void {
  checkXorTerms(terms);
  const { x, ones, masks, plus, crossed, messages, sums } = terms;
  const masked = [0, 1].map((k) => {
    const linear = add(scale(x[k]!, BigInt(ones[2])), scale(x[2], BigInt(ones[k]!)));
    return subtract(subtract(linear, scale(multiply(x[k]!, x[2]), 2n)), masks[k]!);
  }) as unknown as Two<RingVector>;
  masked.forEach((own, k) => messages[k]!.data.set(own.data as never));
  mixedPlaces(masked, masks, crossed).forEach((own, k) =>
    sums[k]!.data.set([...own, ...plus[k]!].reduce(add).data as never),
  );
}

export function addInnerTerms(
  sums: Three<RingVector>,
  xs: readonly Three<RingVector>[],
  ys: readonly Three<RingVector>[],
  start: number,
  end: number,
): void {
  checkInnerTerms(sums, xs, ys, start, end);
  const pieces = (of: Three<RingVector>): Three<RingVector> => {
    const [first, second, lone] = of.map((own) => own.slice(start, end));
    return [first!, second!, lone!];
  };
  xs.map(pieces).forEach((x, row) => {
    ys.map(pieces).forEach((y, column) => {
      const mixed = (k: 0 | 1): RingVector => add(multiply(x[2], y[k]), multiply(x[k], y[2]));
      const terms = [multiply(add(x[0], x[1]), add(y[0], y[1])), mixed(0), mixed(1)];
      terms.forEach((term, k) => {
        const at = row * ys.length + column;
        const cell = sums[k]!.slice(at, at + 1);
        addInto(cell, sum(term));
      });
    });
  });
}

export function andTermsInto(terms: ProductTerms<BigUint64Array>): void {
  checkProductTerms(terms, (words) => words);
  const { x, y, masks, plus, crossed, messages, sums } = terms;
  const combine = (
    a: BigUint64Array,
    b: BigUint64Array,
    of: (a: bigint, b: bigint) => bigint,
  ): BigUint64Array => a.map((word, i) => of(word, b[i]!));
  const xor = (a: BigUint64Array, b: BigUint64Array): BigUint64Array => combine(a, b, (p, q) => p ^ q);
  const and = (a: BigUint64Array, b: BigUint64Array): BigUint64Array => combine(a, b, (p, q) => p & q);
  const both = and(xor(x[0], x[1]), xor(y[0], y[1]));
  const mixed = [0, 1].map((k) => xor(and(x[2], y[k]!), and(x[k]!, y[2])));
  const masked = [both, ...mixed].map((own, k) => xor(own, masks[k]!)) as unknown as Three<BigUint64Array>;
  masked.forEach((own, k) => messages[k]!.set(own));
  placesOf(masked, masks, crossed).forEach((own, k) => sums[k]!.set([...own, ...plus[k]!].reduce(xor)));
}

/** What of the masks and the masked terms goes to each part. */
function placesOf<V>(masked: Three<V>, masks: Three<V>, crossed: boolean): readonly (readonly V[])[] {
  const [first, second, lone] = mixedPlaces([masked[1], masked[2]], [masks[1], masks[2]], crossed);
  return [[masks[0], ...first], [masked[0], ...second], lone];
}

/** The same of the mixed terms alone. */
function mixedPlaces<V>(masked: Two<V>, masks: Two<V>, crossed: boolean): Three<readonly V[]> {
  return crossed
    ? [[masked[0]], [masks[1]], [masks[0], masked[1]]]
    : [[masks[0]], [masked[1]], [masked[0], masks[1]]];
}

export function addInto(sum: RingVector, x: RingVector): void {
  sum.data.set(add(sum, x).data as never);
}

export function subtractInto(sum: RingVector, x: RingVector): void {
  sum.data.set(subtract(sum, x).data as never);
}

export function xorInto<V extends Uint32Array | BigUint64Array>(sum: V, x: V): void {
  if (x.byteLength !== sum.byteLength) {
    throw new RangeError(`${x.byteLength} bytes where ${sum.byteLength} are needed`);
  }
  const words = (of: V): Uint32Array => new Uint32Array(of.buffer, of.byteOffset, of.byteLength / 4);
  const [to, from] = [words(sum), words(x)];
  for (let i = 0; i < to.length; i++) to[i] = to[i]! ^ from[i]!;
}
