/** All kernels in WebAssembly, with the reference for short vectors and for what is no faster there. */
import type { Kernels } from '../kernels.js';
import { reference } from '../reference/reference.js';
import { wasmArithmetic } from './arithmetic.js';
import { wasmBits } from './bits.js';
import { wasmCombine } from './combine.js';
import { wasmConversion } from './conversion.js';
import { wasmConvolution } from './convolution.js';
import { wasmDigits } from './digits.js';
import { wasmEntries } from './entries.js';
import { wasmFourParty } from './four-party.js';
import { wasmInnerProducts } from './inner-products.js';
import { wasmMatrix } from './matrix.js';
import { WasmModule } from './module.js';
import { wasmRescaling } from './rescaling.js';
import { wasmResize } from './resize.js';
import { SHORTEST, type Shortest } from './shortest.js';
import { wasmSpans } from './spans.js';

/**
 * An instance with a scratch memory of its own, of fixed size.
 *
 * @param bytes the compiled module, kernels.wasm.
 */
export function wasmKernels(bytes: Uint8Array, shortest: Shortest = SHORTEST): Kernels {
  const module = new WasmModule(bytes);
  return {
    ...reference,
    ...wasmArithmetic(module, shortest),
    ...wasmBits(module, shortest),
    ...wasmCombine(module, shortest),
    ...wasmConversion(module, shortest),
    ...wasmConvolution(module, shortest),
    ...wasmDigits(module, shortest),
    ...wasmEntries(module, shortest),
    ...wasmFourParty(module, shortest),
    ...wasmInnerProducts(module),
    ...wasmMatrix(module, shortest),
    ...wasmRescaling(module, shortest),
    ...wasmResize(module, shortest),
    ...wasmSpans(module, shortest),
  };
}
