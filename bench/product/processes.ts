/** What Linux tells of running processes. */
import { readdirSync, readFileSync } from 'node:fs';

/** Process ids of the node processes that a process has started. */
export function nodeProcessesOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').startsWith('warifu '));
}

/** Largest resident memory that a process ever had, in MB. */
export function peakRssMb(pid: number): number {
  const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kibibytes === undefined) throw new RangeError(`/proc/${pid}/status has no VmHWM`);
  return (Number(kibibytes) * 1024) / 1e6;
}

/** CPU time of all threads that a process has now. */
export function cpuSeconds(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((task) => {
    const [onCpu] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
    return Number(onCpu);
  });
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}
