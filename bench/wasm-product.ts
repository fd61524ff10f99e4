/** A WebAssembly module of one function, assembled here, for bench/vector-ownership.ts. */

/** out = x0*y0 + x0*y1 + x1*y0 + mask mod 2^64; byte addresses of six vectors, and where x0 ends. */
export type WasmProduct = (
  x0: number,
  x1: number,
  y0: number,
  y1: number,
  mask: number,
  out: number,
  x0End: number,
) => void;

/** The part of the WebAssembly interface used here; TypeScript keeps it in its browser library. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

const PAGE = 65536;
const I32 = 0x7f;
/** Opcodes of the WebAssembly core specification, section 5.4. */
const OP = {
  loop: 0x03,
  end: 0x0b,
  brIf: 0x0d,
  localGet: 0x20,
  localSet: 0x21,
  i64Load: 0x29,
  i64Store: 0x37,
  i32Const: 0x41,
  i32LessUnsigned: 0x49,
  i32Add: 0x6a,
  i64Add: 0x7c,
  i64Multiply: 0x7e,
} as const;
const NO_RESULT = 0x40;

/** A memory of at least that many bytes, and the function on it. */
export function replicatedProductModule(bytes: number): {
  memory: { readonly buffer: ArrayBuffer };
  multiply: WasmProduct;
} {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(assemble()), { m: { m: memory } });
  return { memory, multiply: instance.exports.f as WasmProduct };
}

function assemble(): Uint8Array {
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const parameters = sized(Array.from({ length: 7 }, () => I32));
  const sections = [
    section(1, [0x60, ...parameters, 0]),
    section(2, [...name('m'), ...name('m'), 2, 0, 1]),
    section(3, [0]),
    section(7, [...name('f'), 0, 0]),
    section(10, sized([0, ...body(), OP.end])),
  ];
  return Uint8Array.from([header, ...sections].flat());
}

/** Parameters 0 to 5 are the addresses, which advance by 8; parameter 6 is where the first one ends. */
function body(): number[] {
  const load = (address: number) => [OP.localGet, address, OP.i64Load, 3, 0];
  const advance = (address: number) => [
    OP.localGet,
    address,
    OP.i32Const,
    8,
    OP.i32Add,
    OP.localSet,
    address,
  ];
  const instructions: number[][] = [
    [OP.loop, NO_RESULT],
    [OP.localGet, 5],
    [...load(0), ...load(2), ...load(3), OP.i64Add, OP.i64Multiply],
    [...load(1), ...load(2), OP.i64Multiply, OP.i64Add],
    [...load(4), OP.i64Add],
    [OP.i64Store, 3, 0],
    [0, 1, 2, 3, 4, 5].flatMap(advance),
    [OP.localGet, 0, OP.localGet, 6, OP.i32LessUnsigned, OP.brIf, 0],
    [OP.end],
  ];
  return instructions.flat();
}

/** A section that holds a vector of one item. */
function section(id: number, item: readonly number[]): number[] {
  return [id, ...sized([1, ...item])];
}

function name(text: string): number[] {
  return sized(new TextEncoder().encode(text));
}

/** Bytes after their length, which takes one byte below 128 and two from there (LEB128). */
function sized(bytes: Iterable<number> & { length: number }): number[] {
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return [...length, ...bytes];
}
