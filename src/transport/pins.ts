/**
 * Who may be at the other end of a link: each node has up to two pinned certificates (two, so that one can be
 * renewed while the other is in use), and a link counts only if the public key in the presented certificate
 * is one of them and the certificate is in force. Chains, host names and revocation lists play no part.
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

  constructor(peers: readonly PinnedNode[]) {
    for (const { node, certificates } of peers) {
      if (certificates.length < 1 || certificates.length > 2) {
        throw config(`node ${node} has ${certificates.length} pinned certificates, one or two are needed`);
      }
      for (const pem of certificates) this.#add(node, pem);
    }
  }

  #add(node: NodeIndex, pem: string): void {
    const pin = publicKeyPin(readCertificate(pem, node));
    if ((this.#nodes.get(pin) ?? node) !== node) {
      throw config(`nodes ${this.#nodes.get(pin)} and ${node} have the same public key`);
    }
    this.#nodes.set(pin, node);
  }

  /** The node whose key this is, if it is pinned. */
  nodeOf(certificate: X509Certificate): NodeIndex | undefined {
    return this.#nodes.get(publicKeyPin(certificate));
  }
}

/**
 * The node at the other end of a TLS connection whose handshake is over.
 *
 * TLS has proved that the other end holds the key of the certificate it showed; whose key that is, and whether
 * the certificate is in force, is decided here and nowhere else. OpenSSL's own verdict is not used: it fails
 * for two self-signed certificates of the same name, which is what a renewal is.
 *
 * Errors: HANDSHAKE_CERTIFICATE, saying whether the certificate is absent, not pinned, expired or not yet valid.
 */
export function identifyPeer(socket: TLSSocket, pins: Pins): NodeIndex {
  // A resumed session shows no certificate; sessions are not resumable, so this never happens.
  if (socket.isSessionReused()) throw certificateError('TLS sessions are not resumed between nodes');
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw certificateError('no certificate was presented');
  const node = pins.nodeOf(certificate);
  if (node === undefined) {
    throw certificateError('it is self-made: its public key is not pinned in the cluster file');
  }
  const now = Date.now();
  if (!(now <= Date.parse(certificate.validTo))) {
    const renew = 'renew it and give all nodes the new cluster file';
    throw certificateError(`that of node ${node} expired on ${certificate.validTo}: ${renew}`, { node });
  }
  if (!(now >= Date.parse(certificate.validFrom))) {
    const compare = 'compare the clocks';
    throw certificateError(`that of node ${node} is valid from ${certificate.validFrom} only: ${compare}`, {
      node,
    });
  }
  return node;
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
