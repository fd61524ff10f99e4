/** The compiled kernels (assembly/*.ts) and their memory. */
import type { RingWidth } from '../ring-vector.js';
import { Scratch } from './scratch.js';

/** Addresses are bytes in the scratch memory; spans are bytes, rounded up to whole v128. */
type Unary = (x: number, out: number, bytes: number) => void;
type Binary = (x: number, y: number, out: number, bytes: number) => void;
type Replicated = (
  x0: number,
  x1: number,
  y0: number,
  y1: number,
  plus: number,
  minus: number,
  out: number,
  bytes: number,
) => void;

type MoveUnits = (
  entries: number,
  digit: number,
  one: 0 | 1,
  masks: number,
  out: number,
  step: number,
  bytes: number,
) => void;

type Convolve = (
  x: number,
  y: number,
  z: number,
  values: number,
  step: number,
  masks: number,
  out: number,
  bytes: number,
) => void;

type XorTerms = (
  x: number,
  one0: 0 | 1,
  one1: 0 | 1,
  one2: 0 | 1,
  masks: number,
  messages: number,
  sums: number,
  step: number,
  crossed: 0 | 1,
  bytes: number,
) => void;
type InnerTerms = (x: number, y: number, step: number, sums: number, bytes: number) => void;
type Terms = (
  x: number,
  y: number,
  masks: number,
  messages: number,
  sums: number,
  step: number,
  crossed: 0 | 1,
  bytes: number,
) => void;

/** The kernels that each width has, by the names of assembly/ring*.ts and others without the width. */
interface OfWidth {
  readonly add: Binary;
  readonly subtract: Binary;
  readonly multiply: Binary;
  readonly addConstant: Binary;
  readonly scale: Binary;
  readonly sum: (x: number, sum: number, bytes: number) => void;
  readonly prefixSum: (x: number, sum: number, out: number, bytes: number) => void;
  readonly multiplyReplicated: Replicated;
  readonly convolve: Convolve;
  readonly addInnerProduct: (
    x0: number,
    x1: number,
    both: number,
    y0: number,
    sum: number,
    bytes: number,
  ) => void;
  readonly addSquares: (x0: number, x1: number, sum: number, bytes: number) => void;
  readonly matrixProduct: (
    x: number,
    y: number,
    out: number,
    rows: number,
    columns: number,
    bytes: number,
  ) => void;
  readonly fromBits: (
    x: number,
    rowBytes: number,
    groups: number,
    planes: number,
    out: number,
    elements: number,
  ) => void;
  readonly expandBit: (bits: number, out: number, elements: number) => void;
  readonly exchange: (a: number, b: number, bits: number, bytes: number) => void;
}

interface OfWords {
  readonly xorWords: Binary;
  readonly andWords: Binary;
  readonly notWords: Unary;
  readonly andReplicatedWords: Replicated;
  readonly subsetProducts: (rows: number, products: number, step: number, bytes: number) => void;
  readonly spanCarry: (
    rows: number,
    products: number,
    step: number,
    one: 0 | 1,
    generate: number,
    propagate: number,
    bytes: number,
  ) => void;
  readonly spanTerms: (bits: number, x: number, carries: number, step: number, bytes: number) => void;
  readonly limbToBits: (
    x: number,
    step: number,
    out: number,
    rowBytes: number,
    rows: number,
    elements: number,
  ) => void;
  readonly shiftRight64: (x: number, out: number, shift: number, up: 0 | 1, bytes: number) => void;
  readonly splitOperand64: (
    x: number,
    y: number,
    constants: number,
    shift: number,
    at: number,
    first: number,
    second: number,
    mask: number,
    half: number,
    quotient: number,
    top: number,
    bytes: number,
  ) => void;
  readonly maskedCorrection64: (
    half: number,
    operand: number,
    plus: number,
    mask: number,
    out: number,
    bytes: number,
  ) => void;
  readonly roundUpCorrected64: (
    operand: number,
    shift: number,
    at: number,
    first: number,
    second: number,
    out: number,
    bytes: number,
  ) => void;
  readonly unitEntries32: (
    digit: number,
    count: number,
    masks: number,
    out: number,
    step: number,
    bytes: number,
  ) => void;
  readonly addBit32: (bits: number, place: number, sum: number, bytes: number) => void;
  readonly moveUnits4: MoveUnits;
  readonly moveUnits8: MoveUnits;
  readonly entryZero32: (
    entries: number,
    count: number,
    one: 0 | 1,
    out: number,
    step: number,
    bytes: number,
  ) => void;
  readonly addRunningProducts32: (
    x0: number,
    x1: number,
    squares: 0 | 1,
    counts: number,
    out: number,
    bytes: number,
  ) => void;
  readonly widenGroups: (from: number, to: number, groups: number) => void;
  readonly narrowToGroups: (from: number, to: number, groups: number) => void;
  readonly addGroups: Binary;
  readonly productTerms32: Terms;
  readonly productTerms64: Terms;
  readonly productTermsWords: Terms;
  readonly xorTerms32: XorTerms;
  readonly xorTerms64: XorTerms;
  readonly innerTerms32: InnerTerms;
  readonly innerTerms64: InnerTerms;
  readonly narrow64To32: Unary;
  readonly narrow128To64: Unary;
  readonly narrow128To32: Unary;
  readonly widen32To64: Unary;
  readonly widen64To128: Unary;
  readonly widen32To128: Unary;
}

type WasmExports = OfWords & { readonly [name in `${keyof OfWidth}${RingWidth}`]: unknown };

/** The part of the WebAssembly interface used here; TypeScript keeps it in its browser library. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: object };
};

/** Pages of 64 KiB, as in asconfig.json; never grown. */
const PAGES = 17;

/** One instance: its kernels, and the scratch memory on which they work. */
export class WasmModule {
  readonly words: OfWords;
  readonly scratch: Scratch;
  readonly #ofWidth: Readonly<Record<RingWidth, OfWidth>>;

  /** @param bytes the compiled module, kernels.wasm. */
  constructor(bytes: Uint8Array) {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    const exported = instance.exports as WasmExports;
    this.words = exported;
    this.scratch = new Scratch(memory.buffer);
    this.#ofWidth = { 32: ofWidth(exported, 32), 64: ofWidth(exported, 64), 128: ofWidth(exported, 128) };
  }

  of(width: RingWidth): OfWidth {
    return this.#ofWidth[width];
  }
}

const NAMES: readonly (keyof OfWidth)[] = [
  'add',
  'subtract',
  'multiply',
  'addConstant',
  'scale',
  'sum',
  'prefixSum',
  'multiplyReplicated',
  'convolve',
  'addInnerProduct',
  'addSquares',
  'matrixProduct',
  'fromBits',
  'expandBit',
  'exchange',
];

function ofWidth(exported: WasmExports, width: RingWidth): OfWidth {
  return Object.fromEntries(NAMES.map((name) => [name, exported[`${name}${width}`]])) as unknown as OfWidth;
}
