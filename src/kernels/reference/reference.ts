/** All kernels in plain TypeScript: what the others must equal. */
import type { Kernels } from '../kernels.js';
import * as arithmetic from './arithmetic.js';
import * as bits from './bits.js';
import * as combine from './combine.js';
import * as conversion from './conversion.js';
import * as convolution from './convolution.js';
import * as digits from './digits.js';
import * as entries from './entries.js';
import * as fourParty from './four-party.js';
import * as indexing from './indexing.js';
import * as matrix from './matrix.js';
import * as products from './products.js';
import * as rescaling from './rescaling.js';
import * as spans from './spans.js';

export const reference: Kernels = {
  ...arithmetic,
  ...bits,
  ...combine,
  ...conversion,
  ...convolution,
  ...digits,
  ...entries,
  ...fourParty,
  ...indexing,
  ...matrix,
  ...products,
  ...rescaling,
  ...spans,
};
