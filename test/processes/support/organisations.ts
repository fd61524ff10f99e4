/** Three or four organisations on this machine, set up by the commands as their operators would: real processes, real disks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../src/cli/local-cluster/ports.js';

export const MAIN = join(import.meta.dirname, '../../../dist/cli/main.js');
const NAMES = ['north', 'south', 'east', 'west'] as const;

export interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export class Organisations {
  readonly directory: string;
  readonly nodes: (ChildProcess | undefined)[] = [];
  readonly logs: string[];
  readonly names: readonly string[];

  private constructor(directory: string, count: 3 | 4) {
    this.directory = directory;
    this.names = NAMES.slice(0, count);
    this.logs = this.names.map(() => '');
  }

  /** Nodes initialised, a cluster file, a provider and an analyst enrolled at all of them, nodes running and linked. */
  static async found(count: 3 | 4 = 3): Promise<Organisations> {
    const all = new Organisations(await mkdtemp(join(tmpdir(), 'warifu-processes-')), count);
    const { names } = all;
    const ports = await freePorts(2 * count);
    for (const [i, name] of names.entries()) {
      const addresses = ['--peer', `127.0.0.1:${ports[2 * i]}`, '--client', `127.0.0.1:${ports[2 * i + 1]}`];
      const made = ['--dir', all.path(name), '--key-file', all.path(`${name}.key`), '--name', name];
      const { stdout } = await all.ok(['node', 'init', ...made, ...addresses]);
      await writeFile(all.path(`${name}.card`), stdout);
    }
    const cards = names.map((name) => all.path(`${name}.card`));
    await all.ok(['cluster', 'create', ...cards, '--out', all.path('cluster.json')]);
    for (const user of ['provider', 'analyst']) {
      const key = ['--out', all.path(`${user}.json`), '--no-passphrase'];
      const line = (await all.ok(['user', 'keygen', user, ...key])).stdout.trim();
      for (const name of names) await all.ok(['user', 'add', line, '--role', user, '--dir', all.path(name)]);
    }
    await Promise.all(names.map((_, i) => all.start(i)));
    return all;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Starts node i and waits until it is linked to those that run. @param preload a module that its process runs first. */
  async start(i: number, preload?: string): Promise<void> {
    const name = this.names[i] as string;
    const args = ['node', 'run', '--dir', this.path(name), '--cluster', this.path('cluster.json')];
    const before = preload === undefined ? [] : ['--import', preload];
    const program = [...before, MAIN, ...args, '--key-file', this.path(`${name}.key`)];
    const child = spawn(process.execPath, program, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, WARIFU_CHEAT: this.path('cheat.json') },
    });
    this.nodes[i] = child;
    this.logs[i] = '';
    child.stderr?.on('data', (data: Buffer) => {
      this.logs[i] += data.toString();
    });
    const linked = (log: string): number => log.split('"linked"').length - 1;
    const up = (log: string): boolean => log.includes('the node is up') && linked(log) >= this.#running(i);
    await this.untilLogged(i, up);
  }

  /** How many nodes run beside node i. */
  #running(i: number): number {
    const runs = (node: ChildProcess | undefined): boolean =>
      node !== undefined && node.exitCode === null && node.signalCode === null;
    return this.nodes.filter((node, other) => other !== i && runs(node)).length;
  }

  async untilLogged(i: number, condition: (log: string) => boolean): Promise<void> {
    const end = Date.now() + 60_000;
    while (!condition(this.logs[i] ?? '')) {
      if (Date.now() > end) throw new Error(`node ${this.names[i]} did not come so far:\n${this.logs[i]}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** kill -9. */
  async kill(i: number): Promise<void> {
    const child = this.nodes[i];
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  signal(i: number, signal: NodeJS.Signals): void {
    this.nodes[i]?.kill(signal);
  }

  /** Runs a command as a user; `user` chooses the key. */
  run(args: readonly string[], user?: 'provider' | 'analyst'): Promise<Outcome> {
    const started = performance.now();
    const env = {
      ...process.env,
      WARIFU_CLUSTER: this.path('cluster.json'),
      XDG_STATE_HOME: this.path('state'),
      ...(user === undefined ? {} : { WARIFU_KEY: this.path(`${user}.json`) }),
    };
    const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    return new Promise((resolve) =>
      child.on('close', (exit) =>
        resolve({ exit: exit ?? -1, stdout, stderr, seconds: (performance.now() - started) / 1000 }),
      ),
    );
  }

  async ok(args: readonly string[], user?: 'provider' | 'analyst'): Promise<Outcome> {
    const outcome = await this.run(args, user);
    if (outcome.exit !== 0)
      throw new Error(`warifu ${args.join(' ')}: exit ${outcome.exit}\n${outcome.stderr}`);
    return outcome;
  }

  /** The audit log of node i, as text. */
  audit(i: number): Promise<string> {
    return readFile(join(this.path(this.names[i] as string), 'audit.log'), 'utf8');
  }

  async close(): Promise<void> {
    for (const i of this.names.keys()) this.signal(i, 'SIGCONT');
    await Promise.all([...this.names.keys()].map((i) => this.kill(i)));
    await rm(this.directory, { recursive: true, force: true });
  }
}
