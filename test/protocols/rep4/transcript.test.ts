/** Views of one of four nodes. */
import { REP4 } from '../../../src/core/scheme.js';
import { inputCase } from '../cases/base.js';
import { testTranscripts } from '../transcripts.js';

testTranscripts(REP4, [inputCase(3)]);
