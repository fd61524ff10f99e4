import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIT_KINDS, type AuditEvent, auditEvent } from '../../../src/server/audit/audit-event.js';
import { FileAuditLog, MemoryAuditLog } from '../../../src/server/audit/audit-log.js';
import type { AuditHead } from '../../../src/server/audit/audit-record.js';
import { verifyAudit } from '../../../src/server/audit/verify.js';
import { nodeDisk } from '../../../src/server/store/disk.js';
import { Files } from '../../../src/server/store/files.js';
import { Crash, SimulatedDisk, seeded, thrownBy } from '../store/simulated-disk.js';

const ROOT = '/node';
const PATH = '/node/audit.log';
const ID = '0123456789abcdef'.repeat(2);
const now = (): number => Date.UTC(2026, 10, 22, 3);

/** One of each kind. */
const EVENTS: readonly AuditEvent[] = [
  { kind: 'node-started', software: '0.1.0', epoch: 3 },
  { kind: 'node-stopped' },
  { kind: 'log-repaired', removed_bytes: 12 },
  { kind: 'store-recovered', temporaries: 1, orphans: 0, discarded: 2, damaged: 0 },
  { kind: 'recovery-started', catalogue: 'lost' },
  { kind: 'node-recovered', tables: 1, slices: 2, chunks: 30, lost: 0 },
  { kind: 'recovery-opened', node: 2 },
  { kind: 'recovery-ended', node: 2, chunks: 30, refused: 1, code: 'NODE_LOST' },
  { kind: 'upload-started', user: 'eiko', table: '患者', slice: '東', version: ID, rows: 5, replace: false },
  { kind: 'upload-prepared', user: 'eiko', table: '患者', slice: '東', version: ID, attempt: ID },
  { kind: 'upload-visible', user: 'eiko', table: '患者', slice: '東', version: ID, attempt: ID },
  {
    kind: 'upload-refused',
    user: 'eiko',
    table: '患者',
    slice: '東',
    version: ID,
    code: 'UPLOAD_CHECK_FAILED',
  },
  { kind: 'upload-rolled-back', user: 'eiko', table: '患者', slice: '東', version: ID, attempt: ID },
  { kind: 'slice-dropped', user: 'eiko', table: '患者', slice: '東', attempt: ID },
  { kind: 'table-dropped', user: 'eiko', table: '患者', attempt: ID },
  {
    kind: 'query-started',
    user: 'aki',
    query: ID,
    table: '患者',
    sql: `SELECT AVG(体重)\nFROM 患者 WHERE 性別 = '男'`,
    plan_digest: ID + ID,
    min_count: 10,
    lost: 3,
  },
  { kind: 'query-released', user: 'aki', query: ID, cells: 1, withheld: 0 },
  { kind: 'query-refused', user: 'aki', query: ID, code: 'NOT_GRANTED' },
  { kind: 'query-failed', user: 'aki', query: ID, code: 'NODE_LOST', node: 2 },
  { kind: 'request-refused', code: 'REQUEST_REPLAYED' },
  { kind: 'user-enrolled', user: 'aki', roles: ['analyst'] },
  { kind: 'user-revoked', user: 'aki' },
  { kind: 'granted', table: '患者', grantor: 'eiko', grantee: 'aki' },
  { kind: 'grant-revoked', table: '患者', grantor: 'eiko', grantee: 'aki' },
  { kind: 'min-count-set', user: 'eiko', table: '患者', min_count: 12 },
  { kind: 'three-allowed', user: 'eiko', table: '患者', allowed: true },
  { kind: 'contributors-set', user: 'eiko', table: '患者', contributors: ['mia'] },
  { kind: 'part-refused', node: 1, code: 'CHUNK_DAMAGED', table: '患者', slice: '東' },
  { kind: 'check-failed', code: 'COMMITMENT_MISMATCH', nodes: [1], table: '患者', slice: '東' },
  {
    kind: 'check-failed',
    code: 'COPIES_DIFFER',
    nodes: [1, 2],
    step: 'query/where',
    attempt: ID,
    told_by: 0,
    said_by: 3,
  },
  { kind: 'check-failed', code: 'COPIES_DIFFER', nodes: [], query: ID, reported_by: 'aki' },
];

async function filled(): Promise<{ disk: SimulatedDisk; files: Files; lines: string[]; head: AuditHead }> {
  const disk = new SimulatedDisk(ROOT);
  const log = await FileAuditLog.open(disk, PATH, now);
  for (const event of EVENTS) await log.append(event);
  const files = new Files(disk, ROOT);
  return { disk, files, lines: await linesOf(files), head: log.head };
}

async function linesOf(files: Files): Promise<string[]> {
  const text = Buffer.from((await files.read(PATH, 0, 2 ** 30)) ?? []).toString();
  return text.split('\n').slice(0, -1);
}

describe('the log', () => {
  it('has one of each kind of event in this test', () => {
    expect([...new Set(EVENTS.map(({ kind }) => kind))].toSorted()).toEqual(AUDIT_KINDS.toSorted());
  });

  it('is the chain that its description says, computed here by hand', async () => {
    const { lines, head } = await filled();
    let before = Buffer.alloc(32);
    for (const line of lines) {
      const stated = /"hash":"([0-9a-f]{64})"/.exec(line)?.[1] ?? '';
      // Canonical JSON sorts keys: cutting the hash out leaves the record.
      const record = line.replace(/"hash":"[0-9a-f]{64}",/, '');
      before = createHash('sha256').update(before).update(record).digest();
      expect(stated).toBe(before.toString('hex'));
    }
    expect(head).toEqual({ seq: EVENTS.length, hash: before.toString('hex') });
  });

  it('comes back with its events and its head, and goes on', async () => {
    const { disk, files, head } = await filled();
    const seen: AuditEvent[] = [];
    const report = await verifyAudit(files, PATH, { known: head, visit: ({ event }) => seen.push(event) });
    expect(report).toMatchObject({ head, tornBytes: 0 });
    expect(seen).toEqual(EVENTS);
    const log = await FileAuditLog.open(disk, PATH, now);
    expect(log.head).toEqual(head);
    await log.append({ kind: 'node-stopped' });
    await verifyAudit(files, PATH, { known: log.head });
    await verifyAudit(files, PATH, { known: head });
  });

  it('keeps the order of calls that do not wait for each other', async () => {
    const disk = new SimulatedDisk(ROOT);
    const log = await FileAuditLog.open(disk, PATH, now);
    await Promise.all(
      Array.from({ length: 50 }, (_, epoch) => log.append({ kind: 'node-started', software: '1', epoch })),
    );
    const epochs: unknown[] = [];
    await verifyAudit(new Files(disk, ROOT), PATH, {
      visit: ({ event }) => epochs.push('epoch' in event && event.epoch),
    });
    expect(epochs).toEqual(Array.from({ length: 50 }, (_, epoch) => epoch));
  });

  it('has the same chain in memory', async () => {
    const { head } = await filled();
    const log = new MemoryAuditLog(now);
    for (const event of EVENTS) await log.append(event);
    expect(log.head).toEqual(head);
    expect(log.records.map(({ event }) => event)).toEqual(EVENTS);
  });

  it('works on the real disk', async () => {
    const root = await mkdtemp(join(tmpdir(), 'warifu-audit-'));
    try {
      const path = join(root, 'audit.log');
      const log = await FileAuditLog.open(nodeDisk, path);
      await log.append({ kind: 'node-stopped' });
      const again = await FileAuditLog.open(nodeDisk, path);
      expect(again.head).toEqual(log.head);
      expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(3);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});

describe('verify', () => {
  async function verifyLines(files: Files, lines: readonly string[], known?: AuditHead): Promise<unknown> {
    await files.writeAtomically(PATH, [Buffer.from(lines.map((line) => `${line}\n`).join(''))]);
    return thrownBy(verifyAudit(files, PATH, known === undefined ? {} : { known }));
  }
  const brokenAt = (line: number) => ({ code: 'AUDIT_BROKEN', details: { line } });

  it('names the first line that was deleted, repeated, swapped or edited', async () => {
    const { files, lines } = await filled();
    for (let i = 0; i < lines.length - 1; i++) {
      const [line, next] = [lines[i] ?? '', lines[i + 1] ?? ''];
      const at = brokenAt(i + 1);
      expect(await verifyLines(files, lines.toSpliced(i, 1))).toMatchObject(at);
      expect(await verifyLines(files, lines.toSpliced(i, 2, next, line))).toMatchObject(at);
      expect(await verifyLines(files, lines.toSpliced(i, 0, line))).toMatchObject(brokenAt(i + 2));
      expect(await verifyLines(files, lines.toSpliced(i, 1, line.replace('2026', '2025')))).toMatchObject(at);
      expect(await verifyLines(files, lines.toSpliced(i, 1, line.replace('{', '{ ')))).toMatchObject(at);
      expect(await verifyLines(files, lines.toSpliced(i, 1, line.slice(0, -9)))).toMatchObject(at);
      expect(await verifyLines(files, lines.toSpliced(i, 1, ''))).toMatchObject(at);
    }
    expect(await verifyLines(files, lines)).toBeUndefined();
  });

  it('finds a flipped bit anywhere', async () => {
    const { disk, files } = await filled();
    const size = (await files.stat(PATH))?.size ?? 0;
    // Without its last byte the last line looks like an append that was cut short.
    for (let at = 0; at < size - 1; at += 7) {
      disk.flip(PATH, at);
      expect(await thrownBy(verifyAudit(files, PATH)), `byte ${at}`).toMatchObject({ code: 'AUDIT_BROKEN' });
      disk.flip(PATH, at);
    }
  });

  it('finds a log that was cut back or rewritten, from a head kept elsewhere', async () => {
    const { files, lines, head } = await filled();
    expect(await verifyLines(files, lines.slice(0, -3))).toBeUndefined();
    expect(await verifyLines(files, lines.slice(0, -3), head)).toMatchObject(brokenAt(lines.length - 2));
    const other = new SimulatedDisk(ROOT);
    const log = await FileAuditLog.open(other, PATH, now);
    for (const event of EVENTS.toReversed()) await log.append(event);
    expect(await thrownBy(verifyAudit(new Files(other, ROOT), PATH, { known: head }))).toMatchObject(
      brokenAt(lines.length),
    );
  });

  it('refuses a newer format and a file that is no log', async () => {
    const { disk, files, lines } = await filled();
    const newer = (lines[0] ?? '').replace('"warifu_audit":1', '"warifu_audit":2');
    expect(await verifyLines(files, [newer, 'whatever comes then'])).toMatchObject({ code: 'STORE_FORMAT' });
    for (const other of ['', 'hello', 'hello\n', '{}\n', 'x'.repeat(2 ** 21)]) {
      await files.writeAtomically(PATH, [Buffer.from(other)]);
      expect(await thrownBy(FileAuditLog.open(disk, PATH, now))).toMatchObject(brokenAt(1));
    }
  });
});

describe('after a failure', () => {
  it('keeps every event whose append returned, wherever the power goes, and records the repair', async () => {
    const repairs = new Set<string>();
    for (let k = 0; k < 14; k++) {
      for (let seed = 0; seed < 8; seed++) {
        const disk = new SimulatedDisk(ROOT);
        disk.crashAt = k;
        let done = 0;
        const crash = await thrownBy(
          (async () => {
            const log = await FileAuditLog.open(disk, PATH, now);
            for (; done < 6; done++) await log.append({ kind: 'node-started', software: '1', epoch: done });
          })(),
        );
        expect(crash).toBeInstanceOf(Crash);
        disk.losePower(seeded(100 * seed + k));
        await FileAuditLog.open(disk, PATH, now);
        const events: AuditEvent[] = [];
        await verifyAudit(new Files(disk, ROOT), PATH, { visit: ({ event }) => events.push(event) });
        const repaired = events.at(-1)?.kind === 'log-repaired' ? events.pop() : undefined;
        repairs.add(repaired === undefined ? 'whole' : 'repaired');
        expect(events.map((event) => 'epoch' in event && event.epoch)).toEqual(
          Array.from({ length: events.length }, (_, epoch) => epoch),
        );
        expect([done, done + 1]).toContain(events.length);
      }
    }
    expect([...repairs].toSorted()).toEqual(['repaired', 'whole']);
  });

  it('goes on after a full disk as if nothing had been written', async () => {
    for (let k = 0; k < 2; k++) {
      const disk = new SimulatedDisk(ROOT);
      const log = await FileAuditLog.open(disk, PATH, now);
      disk.restart();
      disk.fullAt = k;
      await expect(log.append({ kind: 'user-revoked', user: 'aki' })).rejects.toMatchObject({
        code: 'STORE_FULL',
      });
      await log.append({ kind: 'node-stopped' });
      const kinds: string[] = [];
      await verifyAudit(new Files(disk, ROOT), PATH, { visit: ({ event }) => kinds.push(event.kind) });
      expect(kinds).toEqual(['node-stopped']);
    }
  });
});

describe('events', () => {
  const canary = randomBytes(32);
  const forms: unknown[] = [
    canary,
    new Uint8Array(canary),
    [...canary],
    { bytes: canary.toString('hex') },
    canary.toString('latin1').padEnd(200, '\u0001'),
    BigInt(`0x${canary.toString('hex')}`),
    1.5,
  ];

  it('hold no bytes in any field, nor any field of another name, and the refusal shows none', async () => {
    const log = new MemoryAuditLog(now);
    for (const event of EVENTS) {
      for (const field of [...Object.keys(event).filter((key) => key !== 'kind'), 'share', 'value', 'key']) {
        for (const form of forms) {
          const error = await thrownBy(log.append({ ...event, [field]: form } as AuditEvent));
          expect(error, `${event.kind}.${field}`).toBeInstanceOf(TypeError);
          expect(String(error)).not.toContain(canary.toString('hex').slice(0, 8));
        }
      }
    }
    expect(log.records).toEqual([]);
  });

  it('hold no error text, only documented codes', () => {
    for (const code of ['share is 17', 'toString', '']) {
      expect(auditEvent.safeParse({ kind: 'request-refused', code }).success).toBe(false);
    }
  });

  it('are read back as they were written, whatever the names', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), async (user) => {
        const event: AuditEvent = { kind: 'user-revoked', user };
        fc.pre(auditEvent.safeParse(event).success);
        const disk = new SimulatedDisk(ROOT);
        await (await FileAuditLog.open(disk, PATH, now)).append(event);
        const seen: AuditEvent[] = [];
        await verifyAudit(new Files(disk, ROOT), PATH, { visit: (record) => seen.push(record.event) });
        expect(seen).toEqual([event]);
      }),
      { numRuns: 100 },
    );
  });
});
