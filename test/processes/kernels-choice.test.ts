import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

function warifu(kernels: string): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [MAIN, '--version'], {
    env: { ...process.env, WARIFU_KERNELS: kernels },
    encoding: 'utf8',
  });
}

describe('WARIFU_KERNELS', () => {
  test('that names no kernels is refused in one line, with exit code 2', () => {
    const { status, stderr } = warifu('fast');
    expect(stderr).toBe('error CONFIG_INVALID: WARIFU_KERNELS is "wasm" or "reference", not "fast"\n');
    expect(status).toBe(2);
  });

  test.each(['wasm', 'reference'])('%s starts the command line', (kernels) => {
    expect(warifu(kernels).status).toBe(0);
  });
});
