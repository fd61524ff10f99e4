/** Where a node listens or is reached. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The address of a card: HOST:PORT, where the host may be an IPv6 address in brackets. */
export function addressOf(text: string): ListenAddress {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}
