/**
 * The messages of a product (products.ts, bit-to-ring.ts): each node knows half of the terms, and of the others the stream
 * or, when it hears it, the rest. Its parts are made in one pass, and messages while they travel, long ones in pieces of
 * their own, with a tag each: a piece that is heard is checked and added while later ones are made.
 */

import { release } from '../../core/release.js';
import { type NodeIndex, type PartIndex, partsHeldBy, REP4 } from '../../core/scheme.js';
import type { Three, Two } from '../../kernels/kernels.js';
import { grow } from '../grow.js';
import type { MaskStream } from '../randomness.js';
import type { JointKey, Rep4Party } from './party.js';
import { ALL_TERMS, MIXED, type Sharing, SIDES, sideOf, type Term } from './terms.js';

/** Bytes of a piece of a product: pieces under way stay in a third-level cache. */
export const PIECE_BYTES = 1 << 20;

/** In how many pieces a message of so many bytes travels. */
export function piecesOf(bytes: number, pieceBytes = PIECE_BYTES): number {
  return Math.max(1, Math.ceil(bytes / pieceBytes));
}

/** One of something for each of some terms. */
export type Each<Terms extends readonly unknown[], V> = { readonly [K in keyof Terms]: V };

/** What one of the four does in a product. */
export interface Roles<Terms extends readonly Term[]> {
  /** Its parts: the pair of its side, first the one that masks their term, then the lone one. */
  readonly parts: Three<PartIndex>;
  /** The terms that it knows: of the pair (if shared), of the lone part with the first and with the second of them. */
  readonly terms: Terms;
  /** Which part is the stream of the mixed ones (`ProductTerms`). */
  readonly crossed: boolean;
  /** Terms of which it knows the stream only, and those of which it hears the rest; and to which of its parts that goes. */
  readonly streams: readonly Contribution[];
  readonly heard: readonly Contribution[];
}

/** Place of a part in `Roles`. */
export type Place = 0 | 1 | 2;

interface Contribution {
  readonly term: Term;
  readonly at: Place;
}

const ROLES = REP4.nodes.map((self): Roles<Three<Term>> => {
  const side = sideOf(self);
  const lone = partsHeldBy(REP4, self).find((part) => part !== side.mask && part !== side.rest) as PartIndex;
  const mixed = (part: PartIndex): Term =>
    MIXED.find(
      ({ mask, rest }) => (mask === lone && rest === part) || (mask === part && rest === lone),
    ) as Term;
  const parts = [side.mask, side.rest, lone] as const;
  const to = (term: Term, part: PartIndex): Contribution => ({ term, at: parts.indexOf(part) as Place });
  return {
    parts,
    terms: [side, mixed(side.mask), mixed(side.rest)],
    crossed: mixed(side.mask).mask === lone,
    streams: ALL_TERMS.filter(({ rest }) => rest === self).map((term) => to(term, term.mask)),
    heard: ALL_TERMS.filter(({ mask }) => mask === self).map((term) => to(term, term.rest)),
  };
});

/** Where all six terms are shared. */
export function rolesOf(self: NodeIndex): Roles<Three<Term>> {
  return ROLES[self] as Roles<Three<Term>>;
}

/** Where only the mixed terms are. */
export function mixedRolesOf(self: NodeIndex): Roles<Two<Term>> {
  const [, first, second] = rolesOf(self).terms;
  return rolesIn(self, MIXED, [first, second]);
}

/** Where each side shares its own. */
export function sideRolesOf(self: NodeIndex): Roles<readonly [Term]> {
  const [own] = rolesOf(self).terms;
  return rolesIn(self, SIDES, [own]);
}

function rolesIn<Terms extends readonly Term[]>(
  self: NodeIndex,
  shared: readonly Term[],
  terms: Terms,
): Roles<Terms> {
  const { streams, heard, ...others } = rolesOf(self);
  const isShared = ({ term }: Contribution): boolean => shared.includes(term);
  return { ...others, terms, streams: streams.filter(isShared), heard: heard.filter(isShared) };
}

export function each<T extends readonly unknown[], V>(values: T, of: (value: T[number]) => V): Each<T, V> {
  return values.map(of) as unknown as Each<T, V>;
}

/** Bytes from `start` to `end` of all streams, and where those of the messages go. */
export interface ProductPiece<Terms extends readonly Term[]> {
  readonly start: number;
  readonly end: number;
  readonly masks: Each<Terms, Uint8Array>;
  readonly messages: Each<Terms, Uint8Array>;
  /** What is added to each part besides. */
  readonly streams: Three<readonly Uint8Array[]>;
}

/** A product of so many bytes in the making, whose messages travel in pieces. */
export interface SharedProduct<Terms extends readonly Term[]> {
  readonly bytes: number;
  readonly pieceBytes: number;
  readonly stream: (part: PartIndex, label: string) => MaskStream;
  readonly fill: (piece: ProductPiece<Terms>) => void;
  /** Adds what was heard, from byte `start` on, to a part that is filled there. */
  readonly add: (at: Place, start: number, bytes: Uint8Array) => void;
}

export async function shareProducts<Terms extends readonly Term[]>(
  party: Rep4Party,
  sharing: Sharing,
  { terms, streams, heard }: Roles<Terms>,
  product: SharedProduct<Terms>,
): Promise<void> {
  const streamOf = (term: Term): MaskStream => product.stream(term.mask, `${sharing.name}-${term.label}`);
  const masks = each(terms, streamOf);
  const others = streams.map(({ term, at }) => ({ at, stream: streamOf(term) }));
  let made = Promise.resolve();
  const { bytes, pieceBytes } = product;
  const pieces = Array.from({ length: piecesOf(bytes, pieceBytes) }, (_, i) => {
    const start = i * pieceBytes;
    const length = Math.min(pieceBytes, bytes - start);
    const keyOf = ({ label }: Term): JointKey => pieceKey(sharing, label, i);
    made = made.then(() => make(start, length, keyOf));
    const done = made;
    const hearing = heard.map(async ({ term, at }) => {
      const [told] = await Promise.all([party.hear(term.route, keyOf(term), length), done]);
      product.add(at, start, told);
      release([told]);
    });
    return Promise.all(hearing);
  });
  await Promise.all([made, ...pieces]);

  async function make(from: number, length: number, keyOf: (term: Term) => JointKey): Promise<void> {
    const messages = each(terms, (term) => party.begin(term.route, keyOf(term), length));
    const fill = (start: number, end: number): void => {
      const pieces = others.map(({ at, stream }) => ({ at, bytes: stream.next(end - start) }));
      const drawn = each(masks, (stream) => stream.next(end - start));
      product.fill({
        start: from + start,
        end: from + end,
        masks: drawn,
        messages: each(messages, (message) => message.piece(start, end)),
        streams: each([0, 1, 2] as const, (part) =>
          pieces.filter(({ at }) => at === part).map(({ bytes: own }) => own),
        ),
      });
      release([...drawn, ...pieces.map(({ bytes: own }) => own)]);
    };
    const advance = async (end: number): Promise<void> => {
      await Promise.all(messages.map((message) => message.advance(end)));
    };
    await grow({ advance }, length, fill, party.turns);
  }
}

/** The first piece of a message is called as the message is, the others by their number. */
function pieceKey({ step, name, clock }: Sharing, label: string, piece: number): JointKey {
  return { step, tag: piece === 0 ? `${name}-${label}` : `${name}-${label}-${piece}`, clock };
}
