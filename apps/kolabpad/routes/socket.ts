/** `/api/socket/{id}`: decides before the upgrade, in plain HTTP, and hands the socket over to its document. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { isAllowedOrigin } from '@berth/kit';
import { WebSocketServer } from 'ws';
import { ApiError, originRefused } from '../domain/errors.ts';
import { CLOSE, SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from '../domain/messages.ts';
import type { Documents } from '../live/documents.ts';
import type { Log } from '../live/instruments.ts';
import { parseDocumentId, queryOf, tokenOf } from './request.ts';

/** An edit may hold a whole document and what JSON adds to it. */
const MESSAGE_OVERHEAD_BYTES = 65_536;

export type SocketOptions = {
  readonly documents: Documents;
  readonly basePath: string;
  readonly maxDocumentBytes: number;
  readonly allowedOrigins: readonly string[];
  readonly addressOf: (remote: string | undefined, forwardedFor: string | string[] | undefined) => string;
  readonly log: Log;
};

export function acceptSockets(server: Server, options: SocketOptions): void {
  const { documents, basePath, maxDocumentBytes, allowedOrigins, addressOf, log } = options;
  const prefix = `${basePath}/api/socket/`;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxDocumentBytes + MESSAGE_OVERHEAD_BYTES,
    // The token beside it is not a protocol, and is not repeated in the answer.
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Until the library has it, nobody else listens, and an error without a listener ends the process.
    const onEarlyError = (error: Error): void => log.debug('upgrade_failed', { error });
    stream.on('error', onEarlyError);
    try {
      const path = request.url?.split('?', 1)[0] ?? '';
      if (!path.startsWith(prefix) && path !== prefix.slice(0, -1)) return refuse(stream, 404, 'not found');
      if (!isAllowedOrigin({ origin: request.headers.origin, host: request.headers.host, allowed: allowedOrigins }))
        throw originRefused();
      const offered = subprotocolsOf(request);
      const token =
        offered.find((name) => name.startsWith(TOKEN_SUBPROTOCOL_PREFIX))?.slice(TOKEN_SUBPROTOCOL_PREFIX.length) ??
        tokenOf(request.headers, queryOf(request.url));
      const address = addressOf(request.socket.remoteAddress, request.headers['x-forwarded-for']);
      const admission = documents.admit(parseDocumentId(path.slice(prefix.length)), token, address);
      documents.checkRoom(admission, address);
      sockets.handleUpgrade(request, stream, head, (socket) => {
        stream.off('error', onEarlyError);
        try {
          documents.connect(socket, request.socket, admission, { address, extended: socket.protocol === SUBPROTOCOL });
        } catch (error) {
          // It is a WebSocket already: too late for a status.
          log.error('connect_failed', { error });
          socket.close(CLOSE.tryLater, error instanceof ApiError ? error.message : 'internal error');
        }
      });
    } catch (error) {
      if (error instanceof ApiError) return refuse(stream, error.status, error.message, error.retryAfterSec);
      log.error('panic_recovered', { error });
      refuse(stream, 500, 'internal error');
    }
  });
}

const subprotocolsOf = (request: IncomingMessage): string[] =>
  (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());

function refuse(stream: Duplex, status: number, message: string, retryAfterSec: number | null = null): void {
  const body = `${message}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfterSec === null ? [] : [`Retry-After: ${retryAfterSec}`]),
  ];
  stream.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
