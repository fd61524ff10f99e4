/** Layers import downwards only: the table of docs/architecture.md, read from the imports of src/. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceFiles, textOf } from './support/sources.js';

interface Layer {
  readonly folder: string;
  /** The cell of the table in docs/architecture.md, so that neither changes without the other. */
  readonly documented: string;
  /** Folders (with a slash at the end) or beginnings of file names. */
  readonly mayImport: readonly string[];
}

const BELOW_SERVER = [
  'src/core/',
  'src/kernels/',
  'src/share/',
  'src/transport/',
  'src/protocols/',
  'src/statistics/',
  'src/query/',
];

const LAYERS: readonly Layer[] = [
  { folder: 'src/core/', documented: 'nothing', mayImport: [] },
  { folder: 'src/kernels/', documented: 'core', mayImport: ['src/core/'] },
  { folder: 'src/share/', documented: 'core, kernels', mayImport: ['src/core/', 'src/kernels/'] },
  { folder: 'src/transport/', documented: 'core', mayImport: ['src/core/'] },
  {
    folder: 'src/protocols/',
    documented: 'core, kernels, share, `transport/channel.ts`',
    mayImport: ['src/core/', 'src/kernels/', 'src/share/', 'src/transport/channel.ts'],
  },
  {
    folder: 'src/statistics/',
    documented: "core, share, protocols, kernels' types (finish: core, share)",
    mayImport: ['src/core/', 'src/share/', 'src/protocols/', 'src/kernels/'],
  },
  {
    folder: 'src/query/',
    documented: 'core, kernels, share, protocols, statistics',
    mayImport: ['src/core/', 'src/kernels/', 'src/share/', 'src/protocols/', 'src/statistics/'],
  },
  { folder: 'src/server/', documented: 'all above', mayImport: BELOW_SERVER },
  {
    folder: 'src/client/',
    documented:
      'core, kernels, share, transport, `query/request*.ts`, `query/result-layout.ts`, `statistics/finish/`',
    mayImport: [
      'src/core/',
      'src/kernels/',
      'src/share/',
      'src/transport/',
      'src/query/request',
      'src/query/result-layout.ts',
      'src/statistics/finish/',
    ],
  },
  {
    folder: 'src/cli/',
    documented: 'core, share, client, server',
    mayImport: ['src/core/', 'src/share/', 'src/client/', 'src/server/'],
  },
];

/** Narrower rules for parts of a layer, which hold besides those of the layer. */
const PARTS: readonly { files: string; mayImport: readonly string[] }[] = [
  { files: 'src/statistics/finish/', mayImport: ['src/core/', 'src/share/', 'src/statistics/finish/'] },
  {
    files: 'src/query/request',
    mayImport: [
      'src/core/',
      'src/share/',
      'src/query/request',
      'src/query/result-layout.ts',
      'src/query/plan.ts',
    ],
  },
  // The frozen data of a plan.
  { files: 'src/query/plan.ts', mayImport: ['src/core/', 'src/share/'] },
];

/** Who may make a share out of parts; everyone else gets shares from these. */
const MAY_MAKE_SHARES = [
  'src/share/',
  'src/protocols/rep3/',
  'src/protocols/rep4/',
  'src/protocols/plain/',
  'src/protocols/dry/',
  'src/protocols/context.ts',
  // What a node holds on disk.
  'src/server/work/load-column.ts',
  // Shares without parts, for the dry run.
  'src/query/explain.ts',
];

interface Import {
  readonly from: string;
  readonly to: string;
}

const FILES = sourceFiles();

/** Imports within src/, of types too, static and dynamic. */
function importsOf(file: string): Import[] {
  const specifiers = textOf(file).matchAll(/(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g);
  return [...specifiers].map(([, specifier = '']) => ({
    from: file,
    to: path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts'),
  }));
}

const IMPORTS = FILES.flatMap(importsOf);

function breaking(files: string, allowed: readonly string[]): string[] {
  return IMPORTS.filter(
    ({ from, to }) => from.startsWith(files) && !allowed.some((place) => to.startsWith(place)),
  ).map(({ from, to }) => `${from} imports ${to}`);
}

/** Those files, and all that they import, directly or not. */
function reachedFrom(start: RegExp): string[] {
  const reached = new Set(FILES.filter((file) => start.test(file)));
  // A set is walked to its end, also over what is added on the way.
  for (const file of reached) {
    for (const { from, to } of IMPORTS) if (from === file) reached.add(to);
  }
  return [...reached];
}

describe('layers', () => {
  it('are those of docs/architecture.md', () => {
    const rows = textOf('docs/architecture.md')
      .split('\n')
      .filter((line) => line.startsWith('| `src/'))
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .map(([, folder = '', , mayImport]) => ({ folder: folder.replaceAll('`', ''), documented: mayImport }));
    expect(rows).toEqual(LAYERS.map(({ folder, documented }) => ({ folder, documented })));
  });

  it('hold every file and every import that was found', () => {
    const outside = FILES.filter((file) => !LAYERS.some(({ folder }) => file.startsWith(folder)));
    expect(outside).toEqual([]);
    expect(IMPORTS.length).toBeGreaterThan(100);
  });

  it.each(LAYERS)('$folder imports only what it may', ({ folder, mayImport }) => {
    expect(breaking(folder, [folder, ...mayImport])).toEqual([]);
  });

  it('statistics take types only from the kernels', () => {
    const statements = FILES.filter((file) => file.startsWith('src/statistics/')).flatMap((file) =>
      [...textOf(file).matchAll(/^import\b[^;]*kernels\/[^;]*;/gm)].map(([statement]) => statement),
    );
    expect(statements.filter((statement) => !statement.startsWith('import type '))).toEqual([]);
  });

  it.each(PARTS)('$files imports only what it may', ({ files, mayImport }) => {
    expect(breaking(files, mayImport)).toEqual([]);
  });

  it('nodes and commands cannot load the plain backend', () => {
    const reached = reachedFrom(/^src\/(server|cli|client|query|statistics)\//);
    expect(reached.filter((file) => file.startsWith('src/protocols/plain/'))).toEqual([]);
  });

  it('clients load nothing of the protocols and of nodes', () => {
    const reached = reachedFrom(/^src\/client\//);
    expect(reached.filter((file) => /^src\/(protocols|server|cli)\//.test(file))).toEqual([]);
  });

  it('shares are made by dealing and by backends only', () => {
    const makers = FILES.filter((file) => /new\s+(Arithmetic|Binary)Share\b/.test(textOf(file)));
    const others = makers.filter((file) => !MAY_MAKE_SHARES.some((place) => file.startsWith(place)));
    expect(others).toEqual([]);
    expect(makers).not.toEqual([]);
  });

  it('depend on no package in core, kernels, share and protocols but the vetted ones', () => {
    const packages = FILES.filter((file) => /^src\/(core|kernels|share|protocols)\//.test(file)).flatMap(
      (file) => [...textOf(file).matchAll(/from\s+['"]([^.'"][^'"]*)['"]/g)].map(([, name = '']) => name),
    );
    const allowed = /^(@noble\/(hashes|ciphers|curves)\/|zod$)/;
    expect([...new Set(packages)].filter((name) => !allowed.test(name))).toEqual([]);
  });
});
