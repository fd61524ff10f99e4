/**
 * Who may be at the other end of a link: each node has up to two pinned certificates (two, so that one can be
 * renewed while the other is in use), and a link counts only if the public key in the presented certificate
 * is one of them. Chains, host names and revocation lists play no part.
 */
import { createHash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';

export interface PinnedNode {
  readonly node: NodeIndex;
  /** One or two certificates in PEM. */
  readonly certificates: readonly string[];
}

/** SHA-256 over the public key (SubjectPublicKeyInfo, DER) of a certificate, in hexadecimal. */
export function publicKeyPin(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex');
}

/** The pins of all peers. Errors: CONFIG_INVALID for unreadable certificates, too many, or a shared key. */
export class Pins {
  readonly #nodes = new Map<string, NodeIndex>();
  readonly #certificates = new Map<NodeIndex, readonly string[]>();

  constructor(peers: readonly PinnedNode[]) {
    for (const { node, certificates } of peers) {
      if (certificates.length < 1 || certificates.length > 2) {
        throw config(`node ${node} has ${certificates.length} pinned certificates, one or two are needed`);
      }
      for (const pem of certificates) this.#add(node, pem);
      this.#certificates.set(node, certificates);
    }
  }

  #add(node: NodeIndex, pem: string): void {
    const pin = publicKeyPin(readCertificate(pem, node));
    if ((this.#nodes.get(pin) ?? node) !== node) {
      throw config(`nodes ${this.#nodes.get(pin)} and ${node} have the same public key`);
    }
    this.#nodes.set(pin, node);
  }

  /** Certificates that TLS may trust: those of one node, or of all. */
  certificates(node?: NodeIndex): string[] {
    if (node !== undefined) return [...(this.#certificates.get(node) ?? [])];
    return [...this.#certificates.values()].flat();
  }

  /** The node whose key this is, if it is pinned. */
  nodeOf(certificate: X509Certificate): NodeIndex | undefined {
    return this.#nodes.get(publicKeyPin(certificate));
  }
}

/**
 * The node at the other end of a TLS connection whose handshake is over.
 *
 * Errors: HANDSHAKE_CERTIFICATE, saying whether the certificate is absent, expired, self-made or not pinned.
 */
export function identifyPeer(socket: TLSSocket, pins: Pins): NodeIndex {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw certificateError('no certificate was presented');
  // A resumed session would skip the check of the certificate; tickets are off, so this never happens.
  if (socket.isSessionReused()) throw certificateError('TLS sessions are not resumed on the peer port');
  if (!socket.authorized) {
    // Node's types say Error, but it is the code as a string.
    throw certificateError(explainTlsCode(String(socket.authorizationError)));
  }
  const node = pins.nodeOf(certificate);
  if (node === undefined) throw certificateError('its public key is not pinned in the cluster file');
  return node;
}

/** OpenSSL's verification codes in words. */
export function explainTlsCode(code: string): string {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'the certificate has expired: renew it and give all nodes the new cluster file';
    case 'CERT_NOT_YET_VALID':
      return 'the certificate is not valid yet: compare the clocks';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'the certificate is self-made and not pinned in the cluster file';
    default:
      return `the certificate is not pinned in the cluster file (${code})`;
  }
}

export function certificateError(why: string, details = {}): WarifuError {
  return new WarifuError('HANDSHAKE_CERTIFICATE', `certificate refused: ${why}`, details);
}

function readCertificate(pem: string, node: NodeIndex): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw config(`the certificate of node ${node} is not readable PEM`);
  }
}

function config(message: string): WarifuError {
  return new WarifuError('CONFIG_INVALID', message);
}
