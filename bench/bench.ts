/** What every bench is to the command line. */
import type { LinkOptions } from '../src/cli/link-options.js';
import type { Measured } from './result/measured.js';

/** What a person asked for, with the bench's own defaults filled in. */
export interface BenchRequest {
  readonly n: number;
  readonly runs: number;
  readonly links: LinkOptions;
  readonly nodes: 3 | 4;
  /** Links without TLS. */
  readonly plain: boolean;
  /** Tells a person what goes on. */
  readonly tell: (text: string) => void;
}

export interface Bench {
  readonly name: string;
  /** One line. */
  readonly about: string;
  /** Items unless the person says otherwise; undefined where the number is part of the question. */
  readonly items: number | undefined;
  /** Smallest n that can be asked for. */
  readonly least?: number;
  /** What its nodes are: none, processes of the bench, or those of `warifu dev`. */
  readonly nodes: 'none' | 'bench' | 'warifu';
  /** @throws WarifuError for a wrong result. */
  readonly run: (request: BenchRequest) => Promise<Measured>;
}
