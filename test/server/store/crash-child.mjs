/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-return -- plain JavaScript: a child process runs it as it is */
/**
 * Uploads version after version of one slice until it is killed, saying what it has done, a line each.
 *
 * Runs the built package: `npm run build` first (npm test does).
 */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { FileAuditLog } from '../../../dist/server/audit/audit-log.js';
import { nodeDisk } from '../../../dist/server/store/disk.js';
import { NodeStore } from '../../../dist/server/store/node-store.js';
import { parseSchema } from '../../../dist/share/schema.js';

const [directory, keyHex] = process.argv.slice(2);
const schema = parseSchema({
  warifu_schema: 1,
  missing: [''],
  columns: [{ name: 'age', type: 'integer', min: '0', max: '120', nullable: false }],
});
const id = () => randomBytes(16).toString('hex');
const store = await NodeStore.open({
  directory,
  secret: { kind: 'key', key: Buffer.from(keyHex, 'hex') },
  parts: [0, 1],
});
const audit = await FileAuditLog.open(nodeDisk, join(directory, 'audit.log'));
const say = (word, version) => process.stdout.write(`${word} ${version}\n`);
say('open', '');
for (;;) {
  const [version, attempt] = [id(), id()];
  const base = { table: 't', slice: 's', version, contributor: 'u', schema };
  await store.catalogue.stage({ ...base, rows: 20, chunkRows: 10, replace: true });
  for (const part of [0, 1]) {
    for (const chunk of [0, 1]) {
      const payload = createHash('sha512').update(`${version} ${part} ${chunk}`).digest();
      const section = { column: 0, kind: 'values', salt: Buffer.alloc(32, chunk), payload };
      await store.putChunk(version, { part, chunk }, [section]);
    }
  }
  await store.prepareUpload(attempt, version, randomBytes(5000));
  await audit.append({ kind: 'upload-prepared', user: 'u', table: 't', slice: 's', version, attempt });
  say('prepared', version);
  await store.catalogue.commit(attempt);
  say('visible', version);
  await audit.append({ kind: 'upload-visible', user: 'u', table: 't', slice: 's', version, attempt });
  await store.collectGarbage(0);
}
