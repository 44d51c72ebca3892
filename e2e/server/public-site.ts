/** What a visitor of an app on a server sees: HTTPS to its public address, believed only with the authority's root. */
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';

export type Site = {
  readonly host: string;
  /** Where its name leads to. */
  readonly address: string;
  /** PEM of the only root that is believed. */
  readonly root: string;
};

export type Visit = { readonly status: number; readonly body: string; readonly issuer: string };

/** On a connection of its own; throws where the certificate is not for this host, or does not lead to the root. */
export const visit = ({ host, address, root }: Site, path = '/', { withinMs = 15_000 } = {}): Promise<Visit> =>
  new Promise((resolve, reject) => {
    const target = { host: address, port: 443, servername: host, ca: root, path, headers: { host }, agent: false };
    const asking = request({ ...target, timeout: withinMs }, (response) => {
      const issuer = (response.socket as TLSSocket).getPeerCertificate().issuer.CN;
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, issuer: String(issuer) }));
    });
    asking.on('timeout', () => asking.destroy(new Error(`no answer within ${withinMs} ms`)));
    asking.on('error', reject);
    asking.end();
  });
