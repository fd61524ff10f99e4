/** Views of one node of protocols with hundreds of messages, whose steps are those of others: each message. */
import { describe } from 'vitest';
import { SCHEMES } from '../support/world.js';
import { testLongTranscripts } from './transcripts.js';

describe.each(SCHEMES)('$name', (scheme) => testLongTranscripts(scheme));
