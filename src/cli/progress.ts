/** A progress line that follows one long task, redrawn at most ten times a second. */
import type { Terminal } from './terminal.js';

const REDRAW_MS = 100;
const BAR = 24;

/** What the client and the nodes call their stages, for people. */
const STAGES: Readonly<Record<string, string>> = {
  validate: 'checking the file',
  upload: 'sending shares',
  check: 'nodes check ranges',
  query: 'computing on shares',
  verify: 'checking stored parts',
  recover: 'rebuilding parts',
};

/** Shows `done` of `total`, in whatever unit the stage has. */
export type ShowProgress = (stage: string, done: number, total: number) => void;

/** @returns a function that draws; what it draws goes when the terminal prints or tells anything else. */
export function progressLine(
  terminal: Pick<Terminal, 'progress'>,
  now: () => number = performance.now.bind(performance),
): ShowProgress {
  let last = Number.NEGATIVE_INFINITY;
  let shown = '';
  return (stage, done, total) => {
    const time = now();
    // a new stage is always drawn: its first report may be the only one
    if (stage === shown && time - last < REDRAW_MS) return;
    last = time;
    shown = stage;
    terminal.progress(progressText(stage, done, total));
  };
}

/** `checking the file  ############------------  50 %`; without a bar where the total is not known. */
export function progressText(stage: string, done: number, total: number): string {
  const name = STAGES[stage] ?? stage;
  if (!(total > 0)) return name;
  const share = Math.min(1, Math.max(0, done / total));
  const filled = Math.round(share * BAR);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${name.padEnd(24)} ${'#'.repeat(filled)}${'-'.repeat(BAR - filled)} ${percent} %`;
}
