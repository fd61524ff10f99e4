/**
 * The first cell of a column, followed from the file to its parts. It knows the parts because it stands on the
 * provider's side, where the upload's secret is; nothing else in warifu shows shares.
 */
import type { CsvFile } from '../../client/csv/csv-file.js';
import { firstCellParts } from '../../client/provider/dealt-cell.js';
import { MemoryUploadStates, type UploadHead, type UploadState } from '../../client/provider/upload-state.js';
import { WarifuError } from '../../core/errors.js';
import type { Scheme } from '../../core/scheme.js';

export class FirstCell extends MemoryUploadStates {
  readonly #column: string;
  #value: bigint | undefined;
  #secret: string | undefined;

  /** @param column an integer column that starts at 0, so that a value is stored as it is. */
  constructor(column: string) {
    super();
    this.#column = column;
  }

  /** Reads the first row of the file that is about to be uploaded. */
  async note(file: CsvFile): Promise<void> {
    for await (const { records } of file.records()) {
      const text = records[0]?.[file.header.indexOf(this.#column)];
      if (text === undefined) break;
      this.#value = BigInt(text);
      return;
    }
    throw new WarifuError('INTERNAL', `${file.path} has no column '${this.#column}'`);
  }

  override create(head: UploadHead): Promise<UploadState> {
    this.#secret = head.secret;
    return super.create(head);
  }

  get value(): bigint {
    if (this.#value === undefined) throw new WarifuError('INTERNAL', 'no cell was noted');
    return this.#value;
  }

  /** A residue modulo 2^64 for each part. */
  parts(scheme: Scheme): readonly bigint[] {
    if (this.#secret === undefined) throw new WarifuError('INTERNAL', 'nothing was dealt yet');
    return firstCellParts(scheme, Buffer.from(this.#secret, 'hex'), this.#column, this.value);
  }
}
