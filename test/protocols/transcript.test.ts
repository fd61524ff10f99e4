/** Views of one of three nodes. */
import { REP3 } from '../../src/core/scheme.js';
import { testOutlines, testTranscripts } from './transcripts.js';

testTranscripts(REP3);
testOutlines(REP3);
