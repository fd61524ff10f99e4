import { describe, expect, it } from 'vitest';
import {
  addressText,
  parseAddress,
  parseMinCount,
  parseRoles,
  parseTableFile,
} from '../../src/cli/options.js';

describe('HOST:PORT', () => {
  it.each([
    ['node.example:7700', 'node.example', 7700],
    ['127.0.0.1:1', '127.0.0.1', 1],
    ['[::1]:65535', '::1', 65_535],
  ])('%s is read and written back', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
    expect(addressText({ host, port })).toBe(text);
  });

  it.each(['', 'host', 'host:', ':1', 'host:0', 'host:65536', '::1:80', '[::1]', 'a b:1', 'host:1x'])(
    '%j is refused',
    (text) => {
      expect(() => parseAddress(text)).toThrow('HOST:PORT');
    },
  );
});

describe('other values', () => {
  it.each(['0', '-1', '1.5', '1e3', '', '2147483649'])('a minimum count of %j is refused', (text) => {
    expect(() => parseMinCount(text)).toThrow('whole number');
  });

  it('the largest minimum count is that of the largest table', () => {
    expect(parseMinCount('2147483648')).toBe(2 ** 31);
  });

  it.each(['', 'provider,', 'admin'])('roles %j are refused', (text) => {
    expect(() => parseRoles(text)).toThrow('is no role');
  });

  it('tables are collected; a file name may hold =', () => {
    expect(parseTableFile('b=x=y.csv', parseTableFile('a=1.csv'))).toEqual([
      { table: 'a', file: '1.csv' },
      { table: 'b', file: 'x=y.csv' },
    ]);
    for (const text of ['a', '=a.csv', 'a=']) expect(() => parseTableFile(text)).toThrow('NAME=FILE.csv');
  });
});
