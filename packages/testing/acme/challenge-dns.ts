import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** pebble-challtestsrv: what the authority, and whoever asks this server, finds in DNS. */
export type ChallengeDns = {
  /** For a resolver: address and port. */
  readonly address: string;
  /** The management interface, for a hook of the test: POST /set-txt and /clear-txt with `{ host, value }`. */
  readonly management: string;
  setAddresses(name: string, addresses: { v4?: readonly string[]; v6?: readonly string[] }): Promise<void>;
  /** Who may issue for the name and what is below it. */
  setCaa(name: string, issuer: string): Promise<void>;
  /** Answers SERVFAIL for the name. */
  fail(name: string): Promise<void>;
};

export const createChallengeDns = (management: string, address: string): ChallengeDns => {
  const tell = (path: string, body: object) => askJson(`${management}${path}`, { body });
  return {
    address,
    management,
    async setAddresses(name, { v4 = [], v6 = [] }) {
      const host = `${name}.`;
      await tell('/clear-a', { host });
      await tell('/clear-aaaa', { host });
      if (v4.length > 0) await tell('/add-a', { host, addresses: v4 });
      if (v6.length > 0) await tell('/add-aaaa', { host, addresses: v6 });
    },
    async setCaa(name, issuer) {
      await tell('/add-caa', { host: `${name}.`, policies: [{ tag: 'issue', value: issuer }] });
    },
    async fail(name) {
      await tell('/set-servfail', { host: `${name}.` });
    },
  };
};

/** The text of an answer; throws unless it is 200. */
export const askJson = (url: string, { body, ca }: { body?: object; ca?: string } = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(
      url,
      { method: body === undefined ? 'GET' : 'POST', agent: false, ...(ca !== undefined && { ca }) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`${url} answered ${response.statusCode}: ${text}`));
        });
      },
    );
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
