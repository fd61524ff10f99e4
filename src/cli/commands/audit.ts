/** `warifu audit`: a node's hash-chained log, read and verified. */
import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { WarifuError } from '../../core/errors.js';
import { auditPath } from '../../server/audit/audit-path.js';
import { type AuditHead, type AuditRecord } from '../../server/audit/audit-record.js';
import { verifyAudit } from '../../server/audit/verify.js';
import { nodeDisk } from '../../server/store/disk.js';
import { Files } from '../../server/store/files.js';
import { withExamples } from '../examples.js';
import { jsonOption } from '../options.js';
import type { Terminal } from '../terminal.js';

interface AuditOptions {
  readonly dir: string;
  readonly verify?: boolean;
  readonly known?: AuditHead;
  readonly json?: boolean;
}

export function auditCommand(terminal: Terminal): Command {
  const command = new Command('audit')
    .description("print a node's audit log, or verify that nothing in it was changed")
    .requiredOption('--dir <directory>', "the node's directory")
    .option('--verify', 'print only whether the log is whole, and its last number and hash')
    .option(
      '--known <seq:hash>',
      'a last number and hash noted earlier: the log must still contain them',
      parseHead,
    )
    .addOption(jsonOption())
    .action((options: AuditOptions) => audit(terminal, options));
  return withExamples(
    command,
    'warifu audit --dir /var/lib/warifu',
    'warifu audit --verify --dir /var/lib/warifu',
  );
}

async function audit(terminal: Terminal, { dir, verify, known, json }: AuditOptions): Promise<void> {
  const path = auditPath(dir);
  if (!existsSync(path)) {
    throw new WarifuError(
      'FILE_MISSING',
      `'${dir}' has no audit log: it is no node's directory, or the node never ran`,
      {
        file: path,
      },
    );
  }
  const print = (record: AuditRecord): void =>
    terminal.print(json === true ? JSON.stringify(record) : recordLine(record));
  const { head, tornBytes } = await verifyAudit(new Files(nodeDisk, dir), path, {
    ...(known === undefined ? {} : { known }),
    ...(verify === true ? {} : { visit: print }),
  });
  if (verify !== true) return;
  if (json === true) terminal.print(JSON.stringify({ events: head.seq, hash: head.hash }));
  else {
    terminal.print(`whole: ${head.seq} events, hash ${head.hash}`);
    terminal.tell(`To notice later that the log was cut back, keep this: --known ${head.seq}:${head.hash}`);
  }
  if (tornBytes > 0)
    terminal.tell('The last line is unfinished: it is being written, or the node was stopped in it.');
}

/** `2026-04-01T12:00:00.000Z      7 query-started user=sato table=patients`. */
function recordLine({ seq, time, event }: AuditRecord): string {
  const { kind, ...fields } = event;
  const texts = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`);
  return [time, String(seq).padStart(6), kind, ...texts].join(' ');
}

function fieldText(value: unknown): string {
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return /^[^\s"=]+$/u.test(text) ? text : JSON.stringify(text);
}

function parseHead(text: string): AuditHead {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text);
  if (match === null)
    throw new InvalidArgumentError("It must be SEQ:HASH, as 'warifu audit --verify' prints it.");
  return { seq: Number(match[1]), hash: match[2]! };
}
