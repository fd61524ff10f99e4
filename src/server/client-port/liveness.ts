/** Whether the other end of a connection is still there: pings, and a limit on silence. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { ClientPortLimits } from './limits.js';

export interface LivenessOptions {
  readonly webSocket: WebSocket;
  readonly socket: Socket;
  readonly limits: Pick<ClientPortLimits, 'pingMs' | 'silenceMs'>;
  /** Whether the node itself is not reading now: then silence says nothing. */
  readonly isPaused: () => boolean;
  readonly onSilent: () => void;
}

/** Starts to watch; returns the function that stops it. */
export function watchLiveness({
  webSocket,
  socket,
  limits,
  isPaused,
  onSilent,
}: LivenessOptions): () => void {
  let bytes = socket.bytesRead;
  let silentMs = 0;
  const timer = setInterval(() => {
    // Bytes, not messages: a large frame on a slow link takes longer than any sensible limit.
    if (isPaused() || socket.bytesRead !== bytes) silentMs = 0;
    else silentMs += limits.pingMs;
    bytes = socket.bytesRead;
    if (silentMs >= limits.silenceMs) onSilent();
    else if (webSocket.readyState === webSocket.OPEN) webSocket.ping();
  }, limits.pingMs);
  return () => clearInterval(timer);
}
