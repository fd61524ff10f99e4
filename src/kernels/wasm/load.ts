/** Reads the compiled kernels from the file beside this module. */
import { WarifuError } from '../../core/errors.js';

/**
 * The bytes of kernels.wasm, read synchronously; undefined where there is no node:fs (browsers).
 *
 * Errors: FILE_MISSING where the file was not built.
 */
export function wasmBytes(): Uint8Array | undefined {
  // Not an import, so that this file also loads where there is no node:fs.
  const fs = globalThis.process?.getBuiltinModule?.('node:fs');
  if (fs === undefined) return undefined;
  const file = new URL('./kernels.wasm', import.meta.url);
  try {
    return fs.readFileSync(file);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new WarifuError(
      'FILE_MISSING',
      `the compiled kernels cannot be read (${reason}): run "npm run build", or set WARIFU_KERNELS=reference`,
      { file: file.pathname },
    );
  }
}
