/** Views of one of three nodes. */
import { REP3 } from '../../src/core/scheme.js';
import { testTranscripts } from './transcripts.js';

testTranscripts(REP3);
