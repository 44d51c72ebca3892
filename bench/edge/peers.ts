import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../ports.ts';
import { answers, Program } from '../program.ts';

/** Something that answers the same two URLs, in clear text and over TLS. */
export type Proxy = {
  readonly name: string;
  readonly host: string;
  readonly port: { readonly off: number; readonly on: number };
  /** Its processes; what they spawned counts too. */
  readonly pids: { readonly off: readonly number[]; readonly on: readonly number[] };
};

type Backend = { readonly directory: string; readonly appPort: number; readonly publicDirectory: string };

/** Self-signed, of the kind that Berth's own authority issues: the cost of a handshake is the same. */
export function makeCertificate(directory: string): void {
  const names = 'subjectAltName=DNS:localhost,DNS:bench.localhost,IP:127.0.0.1';
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', join(directory, 'key.pem')];
  const certificate = ['-x509', '-days', '2', '-subj', '/CN=localhost', '-addext', names, '-out', join(directory, 'cert.pem')];
  execFileSync('openssl', ['req', ...certificate, ...key], { stdio: 'ignore' });
  const pair = ['cert.pem', 'key.pem'].map((name) => readFileSync(join(directory, name), 'utf8')).join('');
  writeFileSync(join(directory, 'pair.pem'), pair, { mode: 0o600 });
}

/** nginx for files behind the two HAProxys, as Berth has one: over a unix socket. */
export async function startFiles({ directory, publicDirectory }: Backend): Promise<Program> {
  const file = join(directory, 'files.conf');
  writeFileSync(
    file,
    `daemon off;
user root;
worker_processes auto;
pid ${directory}/files.pid;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  gzip_static on;
  keepalive_requests 100000000;
  default_type application/octet-stream;
  client_body_temp_path ${directory}/body;
  server {
    listen unix:${directory}/files.sock;
    add_header Cache-Control no-cache;
    location ~ /\\. { return 404; }
    location /files/ { alias ${publicDirectory}/; }
  }
}
`,
  );
  const program = new Program(['nginx', '-p', directory, '-c', file, '-e', 'stderr'], { logFile: join(directory, 'files.log') });
  await program.until(async () => readable(join(directory, 'files.pid')));
  return program;
}

const readable = (file: string): boolean => {
  try {
    return readFileSync(file, 'utf8') !== '';
  } catch {
    return false; // not there yet
  }
};

const haproxyBase = `global
  log stdout len 16384 format raw local0 info
  maxconn 9000
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  timeout connect 3s
  timeout client 30s
  timeout server 60s
  timeout http-request 10s
  timeout http-keep-alive 5s
`;

const haproxyBackends = ({ appPort, directory }: Backend, check: string): string => `
backend app
  balance leastconn
${check}  server app 127.0.0.1:${appPort}${check === '' ? '' : ' check inter 5s'}
backend files
  server files unix@${directory}/files.sock
`;

/** What somebody who knows HAProxy would write for one app with the features that Berth gives every app. */
export async function startHandWritten(backend: Backend): Promise<{ program: Program; proxy: Proxy }> {
  const [off = 0, on = 0] = await freePorts(2);
  // The same facts as in Berth's log, so that both write as much.
  const log = [
    '{"time":%Ts.%ms,"app":"bench","service":"web","backend":"%b","server":"%s"',
    '"host":"%[capture.req.hdr(0),json(utf8s)]","method":"%[capture.req.method,json(utf8s)]"',
    '"path":"%[capture.req.uri,field(1,?),json(utf8s)]","query":"%[capture.req.uri,field(2,?,0),json(utf8s)]"',
    '"status":%ST,"bytes":%B,"received":%U,"requestMs":%TR,"queueMs":%Tw,"connectMs":%Tc,"responseMs":%Tr,"totalMs":%Ta',
    '"client":"%[src]","id":"%[unique-id]","http":"%HV","tls":"%sslv","end":"%ts","retries":"%rc"}',
  ].join(',');
  return await startHaproxy(
    'hand',
    backend,
    [off, on],
    `${haproxyBase}  option redispatch 1
  retries 3
  retry-on conn-failure empty-response
backend rate
  stick-table type ip size 100k expire 10s store http_req_rate(10s)
frontend public
  bind 127.0.0.1:${off}
  bind 127.0.0.1:${on} ssl crt ${backend.directory}/pair.pem alpn h2,http/1.1
  log global
  log-format '${log}'
  declare capture request len 255
  http-request capture req.hdr(host) id 0
  compression algo gzip
  compression type text/html text/plain text/css text/javascript application/json image/svg+xml
  unique-id-format %[uuid()]
  http-request deny deny_status 413 if { req.hdr_val(content-length) gt 104857600 }
  http-request track-sc0 src table rate
  http-request deny deny_status 429 if { sc_http_req_rate(0,rate) gt 1000000 }
  http-request del-header forwarded
  http-request del-header x-real-ip
  http-request del-header x-forwarded- -m beg
  http-request set-header x-forwarded-for %[src]
  http-request set-header x-forwarded-proto %[ssl_fc,iif(https,http)]
  http-request set-header x-forwarded-host %[req.hdr(host)]
  http-request set-header x-forwarded-port %[dst_port]
  http-request set-header x-request-id %[unique-id]
  http-after-response set-header x-request-id %[unique-id]
  http-after-response set-header x-content-type-options nosniff unless { res.hdr(x-content-type-options) -m found }
  http-after-response set-header x-frame-options SAMEORIGIN unless { res.hdr(x-frame-options) -m found }
  http-after-response set-header referrer-policy strict-origin-when-cross-origin unless { res.hdr(referrer-policy) -m found }
  acl this_app req.hdr(host),host_only,lower -m str bench.localhost
  http-request return status 404 content-type text/plain string "Not found" unless this_app
  use_backend files if { path_beg /files/ }
  default_backend app
${haproxyBackends(backend, '  option httpchk GET /\n')}`,
  );
}

/** The least that forwards at all: no log, no headers, no limits. */
export async function startBare(backend: Backend): Promise<{ program: Program; proxy: Proxy }> {
  const [off = 0, on = 0] = await freePorts(2);
  return await startHaproxy(
    'bare',
    backend,
    [off, on],
    `${haproxyBase}frontend public
  bind 127.0.0.1:${off}
  bind 127.0.0.1:${on} ssl crt ${backend.directory}/pair.pem
  use_backend files if { path_beg /files/ }
  default_backend app
${haproxyBackends(backend, '')}`,
  );
}

async function startHaproxy(
  name: string,
  { directory }: Backend,
  [off, on]: readonly [number, number],
  configuration: string,
): Promise<{ program: Program; proxy: Proxy }> {
  const file = join(directory, `${name}.cfg`);
  writeFileSync(file, configuration);
  const program = new Program(['haproxy', '-db', '-f', file], { logFile: join(directory, `${name}.log`) });
  await program.until(() => answers(off));
  return {
    program,
    proxy: { name, host: 'bench.localhost', port: { off, on }, pids: { off: [program.pid], on: [program.pid] } },
  };
}

/** Caddy with an access log, the same response headers and the same two routes. It has no rate limit of its own. */
export async function startCaddy({ directory, appPort, publicDirectory }: Backend): Promise<{ program: Program; proxy: Proxy }> {
  const [off = 0, on = 0] = await freePorts(2);
  const site = `{
  log {
    output file ${directory}/caddy-access.log
    format json
  }
  encode gzip
  header {
    X-Content-Type-Options nosniff
    X-Frame-Options SAMEORIGIN
    Referrer-Policy strict-origin-when-cross-origin
  }
  handle_path /files/* {
    root * ${publicDirectory}
    file_server
  }
  handle {
    reverse_proxy 127.0.0.1:${appPort}
  }
`;
  const file = join(directory, 'Caddyfile');
  writeFileSync(
    file,
    `{\n  admin off\n  auto_https off\n}\nhttp://:${off} ${site}}\nhttps://:${on} ${site}  tls ${directory}/cert.pem ${directory}/key.pem\n}\n`,
  );
  const program = new Program(['caddy', 'run', '--config', file, '--adapter', 'caddyfile'], {
    env: { XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory },
    logFile: join(directory, 'caddy.log'),
  });
  await program.until(() => answers(off));
  return {
    program,
    proxy: { name: 'caddy', host: 'bench.localhost', port: { off, on }, pids: { off: [program.pid], on: [program.pid] } },
  };
}
