/** Where the command writes. */
export interface Output {
  /** Results, on stdout. */
  readonly print: (text: string) => void;
  /** What a person is told meanwhile, on stderr. */
  readonly tell: (text: string) => void;
}
