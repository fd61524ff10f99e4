/**
 * Views of one of four nodes, of protocols with hundreds of messages, whose steps are those of others: each message.
 * Run by `npm run test:long`; four to ten minutes.
 */
import { REP4 } from '../../src/core/scheme.js';
import { testLongTranscripts } from './transcripts.js';

testLongTranscripts(REP4);
