/** For tests of the page: a server of one process and no store that speaks kolabpad.2, and does what a test tells it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { parseClientMessage } from '../domain/client-message.ts';
import { Document, freshState, TooLarge } from '../domain/document.ts';
import { type ClientMessage, CLOSE, type Hello, SUBPROTOCOL, type UserId, type Welcome } from '../domain/messages.ts';
import type { Operation } from '../domain/operation.ts';
import { renderHistory, renderLanguage, renderMessage, renderUserInfo } from '../domain/server-message.ts';

/** What the page is to be served with: no inline script, no inline style, nothing from elsewhere. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; " +
  "object-src 'none'; base-uri 'self'; form-action 'self'";

type Client = { socket: WebSocket; user: number; session: string; viewer: boolean };
type Sent = Parameters<typeof renderMessage>[0];

export class FakePad {
  document: Document;
  epoch = 'epoch-1';
  otp: string | null = null;
  viewLink: string | null = null;
  expiry = { hours: 168, chosen: false };
  guessable = false;
  maxBytes = 262_144;
  /** Closes whoever edits, as the original does with an edit that it cannot take. */
  refusesEdits = false;
  readonly clients = new Set<Client>();
  /** Everything that clients have sent. */
  readonly received: ClientMessage[] = [];

  constructor(id: string) {
    this.document = new Document(freshState(id));
  }

  /** As somebody else who is not connected. */
  edit(operation: Operation, author: UserId = 999): void {
    const { revision } = this.document;
    this.#tellHistory(
      revision,
      this.document.edit({ author, revision, operation, session: null, sequence: null }, this.maxBytes),
    );
  }

  tell(message: Sent): void {
    this.tellText(renderMessage(message));
  }

  tellText(text: string): void {
    for (const { socket, session } of this.clients) if (session !== '') socket.send(text);
  }

  join(socket: WebSocket, viewer: boolean): void {
    const client: Client = { socket, user: this.document.takeUserId(), session: '', viewer };
    this.clients.add(client);
    socket.on('message', (data: Buffer) => {
      const message = parseClientMessage(data.toString());
      if (message !== null) this.#receive(client, message);
    });
    socket.on('close', () => {
      this.clients.delete(client);
      this.document.users.delete(client.user);
      this.tellText(renderUserInfo(client.user));
    });
  }

  #receive(client: Client, message: ClientMessage): void {
    this.received.push(message);
    const { document } = this;
    switch (message.kind) {
      case 'Hello':
        return this.#greet(client, message.hello);
      case 'Ping':
        return client.socket.send(renderMessage({ Pong: message.ping }));
      case 'ClientInfo':
        document.users.set(client.user, { ...message.info, ...(client.viewer && { viewer: true }) });
        return this.tellText(renderUserInfo(client.user, document.users.get(client.user)));
      case 'CursorData':
        return this.tell({ UserCursor: { id: client.user, data: document.setCursors(client.user, message.data) } });
      case 'SetLanguage':
        document.language = message.language;
        return this.tellText(renderLanguage(message.language, client.user, document.users.get(client.user)?.name ?? ''));
      case 'Edit': {
        if (this.refusesEdits) return client.socket.close(CLOSE.normal);
        const { revision } = document;
        const { session } = client;
        try {
          this.#tellHistory(revision, document.edit({ ...message, author: client.user, session }, this.maxBytes));
        } catch (error) {
          if (!(error instanceof TooLarge)) throw error;
          const rejected = {
            sequence: message.sequence ?? 0,
            code: 'DOCUMENT_TOO_LARGE',
            message: 'the document would be too large',
          } as const;
          client.socket.send(renderMessage({ Rejected: rejected }));
        }
      }
    }
  }

  #greet(client: Client, { session, epoch, revision }: Hello): void {
    const { document } = this;
    client.session = session;
    const welcome: Welcome = {
      user: client.user,
      ticket: `ticket-${client.user}`,
      role: client.viewer ? 'viewer' : 'editor',
      epoch: this.epoch,
      revision: document.revision,
      acknowledged: document.acknowledged(session),
      maxBytes: this.maxBytes,
      guessable: client.viewer ? null : this.guessable,
      viewLink: client.viewer ? null : this.viewLink,
      expiry: this.expiry,
      version: 'fake',
    };
    const send = (text: string): void => client.socket.send(text);
    send(renderMessage({ Welcome: welcome }));
    if (revision > 0 && epoch !== this.epoch)
      send(renderMessage({ Snapshot: { epoch: this.epoch, revision: document.revision, text: document.text } }));
    else if (revision < document.revision) send(renderHistory(revision, document.entries, revision));
    if (this.otp !== null && !client.viewer) send(renderMessage({ OTP: { otp: this.otp, user_id: client.user, user_name: '' } }));
    if (document.language !== null) send(renderLanguage(document.language, '18446744073709551615', 'System'));
    for (const [id, info] of document.users) send(renderUserInfo(id, info));
    for (const [id, data] of document.cursors) send(renderMessage({ UserCursor: { id, data } }));
  }

  #tellHistory(revision: number, entry: ReturnType<Document['edit']>): void {
    if (entry !== null) this.tellText(renderHistory(revision, [entry]));
  }
}

export class FakeServer {
  readonly #http = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => SUBPROTOCOL });
  readonly #pads = new Map<string, FakePad>();
  readonly #directory: string;
  /** While false, whatever comes is hung up on, as by a server that is down. */
  isUp = true;
  /** Files are served, sockets are not. */
  refusesSockets = false;
  /** Calls of the HTTP API, as `PUT /api/document/x/expiry {…}`. */
  readonly calls: string[] = [];

  constructor(directory: string) {
    this.#directory = directory;
    this.#http.on('upgrade', (request: IncomingMessage, socket, head) => {
      const [pad, viewer] = this.#find(request.url ?? '', /^\/api\/socket\/([^?]+)/);
      const token = /otp\.([\w-]+)/.exec(request.headers['sec-websocket-protocol'] ?? '')?.[1] ?? null;
      if (!this.isUp || this.refusesSockets || pad === undefined || (pad.otp !== null && !viewer && pad.otp !== token))
        socket.destroy();
      else this.#sockets.handleUpgrade(request, socket, head, (opened) => pad.join(opened, viewer));
    });
  }

  async listen(): Promise<string> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/`;
  }

  pad(id: string): FakePad {
    const pad = this.#pads.get(id) ?? new FakePad(id);
    this.#pads.set(id, pad);
    return pad;
  }

  /** Ends every connection; with `up` false nobody comes back until it is true again. */
  hangUp({ up }: { readonly up: boolean }): void {
    this.isUp = up;
    for (const socket of this.#sockets.clients)
      if (up) socket.close(CLOSE.restart);
      else socket.terminate();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
  }

  #find(url: string, pattern: RegExp): [pad: FakePad | undefined, viewer: boolean] {
    const id = decodeURIComponent(pattern.exec(url)?.[1] ?? '');
    if (!id.startsWith('ro-')) return [this.pad(id), false];
    return [[...this.#pads.values()].find(({ viewLink }) => viewLink === id), true];
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    if (!this.isUp) return void request.socket.destroy();
    if (url.pathname.startsWith('/api/status/')) return this.#status(request, response);
    if (url.pathname.startsWith('/api/')) return this.#call(request, response);
    const file = url.pathname === '/' ? 'index.html' : url.pathname.slice(1);
    try {
      const content = await readFile(path.join(this.#directory, file));
      response.setHeader('Content-Type', CONTENT_TYPES[path.extname(file)] ?? 'application/octet-stream');
      response.end(content);
    } catch {
      // The only reason here: there is no such file.
      response.writeHead(404).end('not found\n');
    }
  }

  #status(request: IncomingMessage, response: ServerResponse): void {
    const [pad, viewer] = this.#find(request.url ?? '', /^\/api\/status\/([^?]+)/);
    if (pad === undefined) return void response.writeHead(404).end('document not found\n');
    const granted = viewer || pad.otp === null || request.headers.authorization === `Bearer ${pad.otp}`;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ access: granted ? 'granted' : 'denied', protected: pad.otp !== null }));
  }

  async #call(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    this.calls.push(`${request.method} ${request.url} ${body}`);
    const [pad] = this.#find(request.url ?? '', /^\/api\/document\/([^/?]+)/);
    const { hours, user_id, user_name } = JSON.parse(body) as { hours: number | null; user_id: number; user_name: string };
    const answer =
      pad === undefined
        ? undefined
        : await this.#act(pad, `${request.method} ${/[^/]*$/.exec(request.url ?? '')?.[0]}`, {
            hours,
            by: { user_id, user_name },
          });
    if (answer === undefined) {
      response.writeHead(403, { 'Content-Type': 'application/json' });
      return void response.end(
        JSON.stringify({ error: { code: 'NOT_CONNECTED', message: 'the fake server does not know this' } }),
      );
    }
    if (answer === null) response.writeHead(204).end();
    else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  }

  async #act(
    pad: FakePad,
    what: string,
    { hours, by }: { readonly hours: number | null; readonly by: { readonly user_id: number; readonly user_name: string } },
  ): Promise<object | null | undefined> {
    switch (what) {
      case 'POST protect':
      case 'DELETE protect':
        pad.otp = what.startsWith('POST') ? 'tOkEn-_12345' : null;
        pad.tell({ OTP: { otp: pad.otp, ...by } });
        return pad.otp === null ? null : { otp: pad.otp };
      case 'PUT expiry':
        pad.expiry = { hours: hours ?? 168, chosen: hours !== null };
        pad.tell({ Expiry: { ...pad.expiry, ...by } });
        return pad.expiry;
      case 'POST view-link':
      case 'DELETE view-link':
        pad.viewLink = what.startsWith('POST') ? `ro-${pad.document.id.length}abcdefghijklmnopqrs` : null;
        pad.tell({ ViewLink: { id: pad.viewLink, ...by } });
        for (const { socket, viewer } of pad.clients) if (viewer && pad.viewLink === null) socket.close(CLOSE.revoked);
        return pad.viewLink === null ? null : { id: pad.viewLink };
      default:
        if (what !== `DELETE ${pad.document.id}`) return undefined;
        for (const { socket } of pad.clients) socket.close(CLOSE.deleted);
        this.#pads.delete(pad.document.id);
        return null;
    }
  }
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
