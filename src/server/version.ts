/** The version of this software, from its package. */
import { createRequire } from 'node:module';
import { z } from 'zod';

const require = createRequire(import.meta.url);

export const SOFTWARE_VERSION = z
  .object({ version: z.string() })
  .parse(require('../../package.json')).version;
