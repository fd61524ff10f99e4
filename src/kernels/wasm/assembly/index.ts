/** All kernels, as `WasmExports` in ../module.ts lists them. */

export * from './convolve';
export * from './digits';
export * from './exchange';
export * from './expand-bit';
export * from './four-party';
export * from './from-bits';
export * from './matrix32';
export * from './matrix64';
export * from './matrix128';
export * from './narrow';
export * from './rescale';
export * from './resize';
export * from './ring32';
export * from './ring64';
export * from './ring128';
export * from './shift';
export * from './spans';
export * from './to-bits';
export * from './words';
