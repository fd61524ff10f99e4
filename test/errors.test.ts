import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asWarifuError, ERRORS, EXIT, isErrorCode, WarifuError } from '../src/core/errors.js';
import { codeOf, sourceFiles } from './support/sources.js';

interface Documented {
  readonly code: string;
  readonly exit: number;
  readonly texts: readonly string[];
}

function documentedErrors(): Documented[] {
  const text = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => /^\| [A-Z]/.test(line))
    .map((line) => line.split('|').slice(1, -1))
    .map(([code = '', exit = '', ...texts]) => ({
      code: code.trim(),
      exit: Number(exit),
      texts: texts.map((cell) => cell.trim()),
    }));
}

describe('error codes', () => {
  it('are those of docs/errors.md, in the same order, with the same exit codes', () => {
    const documented = documentedErrors().map(({ code, exit }) => [code, exit]);
    expect(documented).toEqual(Object.entries(ERRORS));
  });

  it('are each explained: what it means, and what to do', () => {
    for (const { code, texts } of documentedErrors()) {
      expect([code, ...texts]).toEqual([
        code,
        expect.stringMatching(/^\S.+\.$/),
        expect.stringMatching(/^\S.+\.$/),
      ]);
    }
  });

  it('are all used somewhere', () => {
    const code = sourceFiles()
      .filter((file) => file !== 'src/core/errors.ts')
      .map(codeOf)
      .join('\n');
    expect(Object.keys(ERRORS).filter((name) => !code.includes(`'${name}'`))).toEqual([]);
  });

  it('cover every exit code but success', () => {
    const used = new Set<number>(Object.values(ERRORS));
    expect(used).toEqual(new Set([EXIT.failed, EXIT.usage, EXIT.refused, EXIT.unreachable]));
  });
});

describe('WarifuError', () => {
  it('crosses processes as code, message and details, without its stack', () => {
    const error = new WarifuError('NODE_LOST', 'node 1 dropped out', { node: 1 });
    expect(error.exitCode).toBe(4);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'NODE_LOST',
      message: 'node 1 dropped out',
      details: { node: 1 },
    });
  });

  it('takes only documented codes from others', () => {
    expect(isErrorCode('NODE_LOST')).toBe(true);
    for (const text of ['', 'node_lost', 'toString', '__proto__', 'constructor']) {
      expect(isErrorCode(text)).toBe(false);
    }
  });

  it('wraps whatever was thrown', () => {
    const typed = new WarifuError('USAGE', 'wrong');
    expect(asWarifuError(typed)).toBe(typed);
    const wrapped = asWarifuError(new TypeError('boom'));
    expect([wrapped.code, wrapped.exitCode, wrapped.message]).toEqual([
      'INTERNAL',
      1,
      'unexpected error: boom',
    ]);
    expect(asWarifuError('text').code).toBe('INTERNAL');
    expect(asWarifuError(undefined).code).toBe('INTERNAL');
  });
});
