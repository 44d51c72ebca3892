/** A name server for a machine of a test: it asks another one about the test's own domain, and this host's about the rest. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { getServers } from 'node:dns';

type Endpoint = { readonly host: string; readonly port: number };
type Names = {
  /** Where it listens, on port 53. */
  readonly address: string;
  readonly domain: string;
  /** Address and port of who knows the domain. */
  readonly authority: string;
};

export const startNameServer = async ({ address, domain, authority }: Names): Promise<AsyncDisposable> => {
  const ours = endpointOf(authority);
  const others = endpointOf(getServers()[0] ?? '127.0.0.1');
  const server = createSocket('udp4');
  server.on('message', (question, asker) => {
    const asked = nameIn(question);
    const { host, port } = asked === domain || asked.endsWith(`.${domain}`) ? ours : others;
    const asking = createSocket(host.includes(':') ? 'udp6' : 'udp4').unref();
    // Without an answer whoever asked asks again.
    const timer = setTimeout(() => asking.close(), ANSWER_MS).unref();
    asking.on('error', () => asking.close());
    asking.on('close', () => clearTimeout(timer));
    asking.on('message', (answer) => {
      server.send(answer, asker.port, asker.address);
      asking.close();
    });
    asking.send(question, port, host);
  });
  server.bind(53, address);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
};

const ANSWER_MS = 5_000;
const HEADER_BYTES = 12;

/** `192.0.2.1`, `192.0.2.1:53`, `[2001:db8::1]:53`. */
const endpointOf = (text: string): Endpoint => {
  const [, host = text, port = '53'] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(text) ?? [];
  return text.split(':').length > 2 && !text.startsWith('[') ? { host: text, port: 53 } : { host, port: Number(port) };
};

/** The name of the first question (RFC 1035 section 4.1.2), in lower case. */
const nameIn = (message: Buffer): string => {
  const labels: string[] = [];
  for (let at = HEADER_BYTES; at < message.length; ) {
    const length = message[at] ?? 0;
    if (length === 0) break;
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return labels.join('.').toLowerCase();
};
