/**
 * Preload of a node that lies: `node --import ./cheat.mjs dist/cli/main.js node run ...`. From outside it replaces what the
 * real build sends; nothing in `src/` knows of it. The lie stands in the file that WARIFU_CHEAT names, so that a test can
 * change it while the node runs; each is told once.
 *
 * { id, message: regular expression of "step tag" }    one bit of a message of a computation
 * { id, control: 'key-open' }                          other openings of keys, to all
 * { id, answer: place }                                one bit of the answer to an analyst
 */
import { readFileSync } from 'node:fs';
import { QueryHandler } from '../../../dist/server/handlers/query-handler.js';
import { digestKey } from '../../../dist/transport/frame.js';
import { Outbox } from '../../../dist/transport/outbox.js';
import { PeerMesh } from '../../../dist/transport/peer-mesh.js';

/** Where the key of a message stands in its frames. */
const KEY = [20, 36];
const told = new Set();

/**
 * The lie that is due, if any.
 *
 * @typedef {{ id: number, message?: string, control?: string, answer?: number }} Lie
 * @returns {Lie}
 */
function lie() {
  try {
    /** @type {Lie} */
    const wanted = JSON.parse(readFileSync(process.env['WARIFU_CHEAT'] ?? '', 'utf8'));
    if (!told.has(wanted.id)) return wanted;
  } catch {
    // there is none
  }
  return { id: 0 };
}

const { begin, nextFrame } = Outbox.prototype;
const bent = new Set();

Outbox.prototype.begin = function (name, bytes, clock) {
  const { id, message } = lie();
  if (message !== undefined && new RegExp(message).test(`${name.step} ${name.tag}`)) {
    told.add(id);
    bent.add(digestKey(name));
  }
  return begin.call(this, name, bytes, clock);
};

Outbox.prototype.nextFrame = function () {
  const frame = nextFrame.call(this);
  if (frame === undefined || !bent.delete(Buffer.from(frame[0]).toString('latin1', ...KEY))) return frame;
  const payload = Uint8Array.from(frame[1]);
  payload[0] ^= 1;
  return [frame[0], payload];
};

const { sendControl } = PeerMesh.prototype;
/** Of which job the lie about keys is told, to all. */
let lyingIn = '';

PeerMesh.prototype.sendControl = function (peer, message) {
  /** @type {{ type: string, job: string, list: { salt: string, contribution: string }[] }} */
  const { type, job, list } = message;
  const { id, control } = lie();
  if (control === type) {
    told.add(id);
    lyingIn = `${type} ${job}`;
  }
  const isLie = lyingIn === `${type} ${job}`;
  return sendControl.call(this, peer, isLie ? { type, job, list: withOtherDigits(list) } : message);
};

/**
 * Salts and contributions begin with another digit.
 *
 * @param {{ salt: string, contribution: string }[]} openings
 */
function withOtherDigits(openings) {
  const other = (/** @type {string} */ hex) => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
  return openings.map((one) => ({ ...one, salt: other(one.salt), contribution: other(one.contribution) }));
}

const { run } = QueryHandler.prototype;

QueryHandler.prototype.run = async function (request, opened) {
  const reply = await run.call(this, request, opened);
  const { id, answer } = lie();
  if (answer === undefined || reply.attachment === undefined) return reply;
  told.add(id);
  const attachment = Uint8Array.from(reply.attachment);
  attachment[answer] ^= 1;
  return { ...reply, attachment };
};
