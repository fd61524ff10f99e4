import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellWord } from '../../src/cli/shell-word.js';

it.each(['/var/lib/warifu', '/tmp/my dir/c.json', "/tmp/it's", '/tmp/病院', '/tmp/$HOME `x` "y"', ''])(
  'a shell reads %j as it was',
  (path) => {
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(path)}`], { encoding: 'utf8' })).toBe(path);
  },
);
