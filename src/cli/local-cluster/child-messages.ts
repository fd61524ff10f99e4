/** What a command and the node processes that it starts say to each other over their private channel. */
import type { ErrorCode, ErrorDetails } from '../../core/errors.js';
import type { LinkShape } from '../../server/node-options.js';
import type { VaultSecret } from '../../server/store/vault.js';
import type { Role } from '../../server/users/enrolled-users.js';

/** Keys travel here and nowhere else: not on the command line, in the environment or on disk. */
export interface ChildSettings {
  /** The node's private key, as the text of an unprotected key file. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  /** The text of the cluster file. */
  readonly cluster: string;
  /** The node's own directory; exists. */
  readonly directory: string;
  /** Removed by the node when the command is gone; undefined for a cluster that lasts. */
  readonly runDirectory: string | undefined;
  readonly secret: VaultSecret | 'ephemeral';
  /** Undefined: the list of users in the node's directory. */
  readonly users: readonly ChildUser[] | undefined;
  readonly minCountFloor: number;
  /** Slows the links to the other nodes down. */
  readonly shape: LinkShape | undefined;
}

export interface ChildUser {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly roles: readonly Role[];
}

export type ToChild =
  | { readonly kind: 'start'; readonly settings: ChildSettings }
  | { readonly kind: 'stop' };

export type FromChild =
  /** It is there and listens to the channel. */
  | { readonly kind: 'hello' }
  /** Its ports are open, and it is linked to the other nodes. */
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: ErrorDetails;
    };
