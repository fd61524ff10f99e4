/**
 * What a channel counts: payload bytes before framing, and rounds by the logical clock of the messages, of what this node
 * sends: the clocks of what it receives are others' word.
 */
import type { StepPath } from '../core/step.js';
import type { Meter } from './channel.js';

/** What one step sent from one node. */
export interface StepTotals {
  readonly messages: number;
  readonly bytes: number;
}

export class TrafficMeter implements Meter {
  #rounds = 0;
  #bytesSent = 0;
  #messagesSent = 0;
  readonly #steps: Map<StepPath, StepTotals> | undefined;

  /** @param perStep also keep totals by step; memory then grows with the number of steps. */
  constructor(perStep = false) {
    this.#steps = perStep ? new Map() : undefined;
  }

  get rounds(): number {
    return this.#rounds;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  get messagesSent(): number {
    return this.#messagesSent;
  }

  /** Totals of what this node sent by step, in the order in which the steps first sent; empty unless asked for. */
  get steps(): ReadonlyMap<StepPath, StepTotals> {
    return this.#steps ?? new Map<StepPath, StepTotals>();
  }

  sent(step: StepPath, bytes: number, clock: number): void {
    this.#rounds = Math.max(this.#rounds, clock);
    this.#bytesSent += bytes;
    this.#messagesSent += 1;
    const before = this.#steps?.get(step) ?? { messages: 0, bytes: 0 };
    this.#steps?.set(step, { messages: before.messages + 1, bytes: before.bytes + bytes });
  }
}
