/** The recovering node's side of a session with one other node: questions, and the wait for each answer. */
import { asWarifuError, WarifuError } from '../../core/errors.js';
import { withNodeNames } from '../../core/node-names.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { Channel } from '../../transport/channel.js';
import type { Session } from '../../transport/session.js';
import { wireError } from '../jobs/control-message.js';
import { saidByPeer } from '../jobs/job-errors.js';
import { type Ask, decodeHead, encodeAsk, HEAD_BYTES, MAX_ERROR_BYTES, messagesOf } from './ask.js';

/** A node that is up gives what it is asked for, or says why not, within this time. */
const ANSWER_MS = 120_000;

/** An answer that is an error: the node is there, and says that it cannot give what was asked. */
export class HelperRefusal extends WarifuError {}

export class HelperSession {
  readonly node: NodeIndex;
  readonly name: string;
  readonly #session: Pick<Session, 'abort' | 'channel' | 'close' | 'failure'>;
  readonly #channel: Channel;
  readonly #answerMs: number;
  #asked = 0;

  constructor(
    peer: { readonly node: NodeIndex; readonly name: string },
    session: Pick<Session, 'abort' | 'channel' | 'close' | 'failure'>,
    answerMs = ANSWER_MS,
  ) {
    this.node = peer.node;
    this.name = peer.name;
    this.#session = session;
    this.#channel = session.channel();
    this.#answerMs = answerMs;
  }

  /**
   * Asks and waits for the answer. Several may be under way.
   *
   * @param length the exact one, where it is known; otherwise the largest.
   * @param what for the error of a wait that takes too long.
   * @throws HelperRefusal what the node says against it; WarifuError NODE_LOST, NO_PROGRESS, PEER_MISBEHAVED, which
   *   end the session.
   */
  async ask(
    ask: Ask,
    length: { readonly exactly: number } | { readonly most: number },
    what: string,
  ): Promise<Uint8Array> {
    const late = setTimeout(() => this.#session.abort(this.#tookTooLong(what)), this.#answerMs);
    try {
      return await this.#answerTo(ask, length, what);
    } catch (thrown) {
      if (thrown instanceof HelperRefusal) throw thrown;
      const error = this.#named(this.#session.failure ?? asWarifuError(thrown));
      this.#session.abort(error);
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  async #answerTo(
    ask: Ask,
    length: { readonly exactly: number } | { readonly most: number },
    what: string,
  ): Promise<Uint8Array> {
    const { ask: askKey, head: headKey, body, clock } = messagesOf(this.#asked++);
    await this.#channel.send(this.node, askKey, encodeAsk(ask), clock);
    const head = decodeHead(await this.#channel.receive(this.node, headKey, HEAD_BYTES));
    const most = 'most' in length ? length.most : length.exactly;
    const fits = head.ok ? 'most' in length || head.length === most : true;
    if (!fits || head.length > (head.ok ? most : MAX_ERROR_BYTES)) {
      throw new WarifuError('PEER_MISBEHAVED', `it sent ${head.length} bytes for ${what}, ${most} were due`);
    }
    const bytes = await this.#channel.receive(this.node, body, head.length);
    if (head.ok) return bytes;
    throw this.#refusal(bytes, what);
  }

  #refusal(bytes: Uint8Array, what: string): HelperRefusal {
    const parsed = wireError.safeParse(jsonOf(bytes));
    if (!parsed.success)
      throw new WarifuError('PEER_MISBEHAVED', `it sent no answer and no error for ${what}`);
    const { code, message, details } = saidByPeer(this.name, parsed.data, []);
    return new HelperRefusal(code, message, { ...details, node: this.name });
  }

  /** Says that nothing more will be asked. A session that has failed needs no farewell. */
  async end(): Promise<void> {
    if (this.#session.failure !== undefined) return;
    const { ask, clock } = messagesOf(this.#asked++);
    await this.#channel.send(this.node, ask, encodeAsk({ kind: 'end' }), clock);
    await this.#session.close();
  }

  /** Ends the session with an error, here and at the node. */
  abort(error: WarifuError): void {
    this.#session.abort(error);
  }

  #named(error: WarifuError): WarifuError {
    const names: string[] = [];
    names[this.node] = this.name;
    const text = withNodeNames(error.message, names);
    const said = text.startsWith('node ') ? text : `node ${this.name}: ${text}`;
    return new WarifuError(error.code, said, { ...error.details, node: this.name });
  }

  #tookTooLong(what: string): WarifuError {
    const seconds = this.#answerMs / 1000;
    return new WarifuError('NO_PROGRESS', `waited ${seconds} seconds for node ${this.name} to send ${what}`);
  }
}

/** Undefined for what is no JSON. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
