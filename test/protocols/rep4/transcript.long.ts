/** Views of one of four nodes. */
import { REP4 } from '../../../src/core/scheme.js';
import { testTranscripts } from '../transcripts.js';

testTranscripts(REP4);
