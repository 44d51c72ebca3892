/** Somebody at the panel without scripts: keeps cookies, sends the forms of the pages, over one connection that stays open. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { type BrowserForm, filledIn, formsOf } from './browser-form.ts';

export type PanelAddress = {
  readonly port: number;
  /** Of the Host header, where another name than the address leads to the app. */
  readonly host?: string;
};

export type Answered = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly body: string;
};

type Sending = { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer };
type Changes = Readonly<Record<string, string | readonly string[]>>;

const PATIENCE_MS = 90_000;

export class PanelClient implements Disposable {
  readonly #address: PanelAddress;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #cookies = new Map<string, string>();

  constructor(address: PanelAddress) {
    this.#address = address;
  }

  /** Throws unless it is let in. */
  async login({ email, password }: { readonly email: string; readonly password: string }): Promise<void> {
    const answer = await this.submit('/admin/login', '/admin/login', { email, password });
    if (answer.headers.location !== '/admin/dashboard')
      throw new Error(`the login was answered with ${answer.status} ${answer.headers.location ?? answer.body.slice(0, 300)}`);
  }

  /** Whatever the answer is; redirects are not followed. */
  send(path: string, { method = 'GET', headers = {}, body }: Sending = {}): Promise<Answered> {
    const { port, host } = this.#address;
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return new Promise((resolve, reject) => {
      const asking = request({
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: this.#agent,
        timeout: PATIENCE_MS,
        headers: {
          ...(host !== undefined && { host }),
          ...(cookie !== '' && { cookie }),
          ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      });
      asking.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          this.#keep(response.headers['set-cookie'] ?? []);
          const bytes = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, body: bytes.toString('utf8') });
        });
      });
      asking.on('timeout', () => asking.destroy(new Error(`${method} ${path}: no answer within ${PATIENCE_MS} ms`)));
      asking.on('error', reject);
      asking.end(body);
    });
  }

  /** The body of a page; throws unless it is answered with 200. */
  async page(path: string): Promise<string> {
    const { status, body } = await this.send(path);
    if (status !== 200) throw new Error(`${path} was answered with ${status}: ${textOf(body)}`);
    return body;
  }

  /** The form of a page that is sent to that address. */
  async form(page: string, action: string): Promise<BrowserForm> {
    const body = await this.page(page);
    const form = formsOf(body).find((one) => one.action === action);
    if (form === undefined) throw new Error(`${page} has no form for ${action}: ${textOf(body)}`);
    return form;
  }

  /** Opens a page and sends its form for `action`, filled in. */
  async submit(page: string, action: string, changes: Changes): Promise<Answered> {
    return await this.post(action, filledIn(await this.form(page, action), changes));
  }

  post(path: string, form: URLSearchParams): Promise<Answered> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.send(path, { method: 'POST', headers, body: form.toString() });
  }

  /** A new record, by its form; gives its id. `kind` is its path in the panel: `products`. */
  async create(kind: string, changes: Changes): Promise<number> {
    const address = `/admin/${kind}`;
    const answer = await this.submit(`${address}/new`, address, changes);
    const id = /\/(\d+)\/edit\?saved=1$/.exec(answer.headers.location ?? '')?.[1];
    if (id === undefined) throw new Error(`a record of ${kind} was answered with ${answer.status}: ${textOf(answer.body)}`);
    return Number(id);
  }

  /** A record changed, by its form. Throws unless it was saved. */
  async change(kind: string, id: number, changes: Changes): Promise<void> {
    const save = await this.prepareChange(kind, id, changes);
    await save();
  }

  /** The form is opened and filled in; what this gives presses the button, and throws unless it was saved. */
  async prepareChange(kind: string, id: number, changes: Changes): Promise<() => Promise<void>> {
    const address = `/admin/${kind}/${id}`;
    const form = filledIn(await this.form(`${address}/edit`, address), changes);
    return async () => {
      const answer = await this.post(address, form);
      if (answer.status !== 303 || answer.headers.location?.endsWith('saved=1') !== true)
        throw new Error(`${address} was answered with ${answer.status}: ${textOf(answer.body)}`);
    };
  }

  /** A file into the library, with its alternative text; gives its id. */
  async upload(name: string, content: Uint8Array<ArrayBuffer>, alt = name): Promise<number> {
    const [form] = formsOf(await this.page('/admin/media'));
    const token = form?.entries.find(([entry]) => entry === '_csrf')?.[1] ?? '';
    const parts = new FormData();
    parts.set('alt', alt);
    parts.set('file', new Blob([content]), name);
    const whole = new Response(parts);
    const answer = await this.send('/admin/media/upload', {
      method: 'POST',
      headers: { 'content-type': whole.headers.get('content-type') ?? '', 'x-csrf-token': token, accept: 'application/json' },
      body: Buffer.from(await whole.arrayBuffer()),
    });
    const { files = [] } = JSON.parse(answer.body) as { files?: readonly { readonly id: number }[] };
    const [file] = files;
    if (file === undefined) throw new Error(`${name} was answered with ${answer.status}: ${answer.body.slice(0, 300)}`);
    return file.id;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/;\s*max-age=0\b/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}

/** The words of a page, for messages. */
const textOf = (page: string): string =>
  page
    .replace(/^[^]*<main/, '<main')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 400);
