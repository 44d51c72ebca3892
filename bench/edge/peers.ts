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

/**
 * nginx for files behind the two HAProxys, as Berth has one: over a unix socket, no dotfiles but /.well-known/, no symbolic
 * links below the directory, `.gz` beside a file, a charset for text, Cache-Control. Open files are kept, as Berth does it.
 */
export async function startFiles({ directory, publicDirectory }: Backend): Promise<Program> {
  const file = join(directory, 'files.conf');
  writeFileSync(
    file,
    `daemon off;
user root;
worker_processes auto;
worker_rlimit_nofile 16384;
pcre_jit on;
pid ${directory}/files.pid;
events { worker_connections 4096; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  charset utf-8;
  access_log off;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=4096 inactive=60s;
  open_file_cache_valid 2s;
  open_file_cache_errors on;
  gzip_static on;
  gzip_vary on;
  absolute_redirect off;
  keepalive_requests 100000000;
  client_max_body_size 16k;
  client_body_temp_path ${directory}/body;
  server {
    listen unix:${directory}/files.sock;
    index index.html;
    add_header Cache-Control no-cache;
    location ~ /\\.(?!well-known/) { return 404; }
    location /files/ {
      alias ${publicDirectory}/;
      disable_symlinks on from=${publicDirectory};
    }
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

const haproxyBase = (settings: string): string => `global
  log stdout len 16384 format raw local0 info
  maxconn 9000
${settings}  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  timeout connect 3s
  timeout client 30s
  timeout server 60s
  timeout http-request 10s
  timeout http-keep-alive 5s
`;

/** The list that Berth has. */
const compressedTypes = [
  'text/html text/plain text/css text/xml text/csv text/markdown text/javascript',
  'application/javascript application/json application/ld+json application/manifest+json application/xml',
  'application/rss+xml application/atom+xml application/wasm image/svg+xml',
].join(' ');

/**
 * What somebody who knows HAProxy well would write for one app that is to have what Berth gives every app:
 * routing by a map of host and longest path prefix; a guard against "//", dot segments and escapes in paths; forwarded
 * headers told anew, a request id for the app, the client and the log; HSTS over TLS and the security headers where the
 * app has none; a rate limit on both routes, per client (IPv6: per /64), in which refused requests do not count
 * and are told so over HTTP/2 too; the challenges of a certificate authority answered by the edge itself; a body
 * limit; gzip of the same types; a JSON access log with the same fields; a health check; requests held in Lua while there
 * is no server; a backend for WebSockets; no repeated POST; clients who leave give up their place, and a reload loses none.
 * It knows its one app, so names stand where Berth reads fields of a map, and it does not redirect to https.
 */
export async function startHandWritten(backend: Backend): Promise<{ program: Program; proxy: Proxy }> {
  const { appPort, directory } = backend;
  const [off = 0, on = 0] = await freePorts(2);
  writeFileSync(join(directory, 'routes.map'), 'bench.localhost/ app\nbench.localhost/files/ files\n');
  writeFileSync(join(directory, 'hold.lua'), holdInLua);
  // The same facts as in Berth's log, so that both write as much, and bounded as there, so that no line is cut.
  const log = [
    '{"time":%Ts.%ms,"app":"bench","service":"web","backend":"%b","server":"%s"',
    '"host":"%[var(txn.host),bytes(0,255),json(utf8s)]","method":"%HM"',
    '"path":"%[var(txn.path),bytes(0,1000),json(utf8s)]","query":"%[capture.req.uri,field(2,?,0),bytes(0,1000),json(utf8s)]"',
    '"status":%ST,"bytes":%B,"received":%U,"requestMs":%TR,"connectMs":%Tc,"responseMs":%Tr,"totalMs":%Ta',
    '"heldMs":"%[var(txn.held)]","client":"%[src]","id":"%[unique-id]","http":"%HV","tls":"%sslv","end":"%ts"}',
  ].join(',');
  const check = 'check inter 5s fastinter 1s downinter 250ms fall 3 rise 1';
  return await startHaproxy(
    'hand',
    backend,
    [off, on],
    `${haproxyBase('  tune.http.logurilen 4096\n  lua-load ' + directory + '/hold.lua\n')}  option abortonclose
  option idle-close-on-response
  option dontlognull
  option redispatch 1
  retries 20
  retry-on conn-failure empty-response
backend rate_app
  stick-table type ipv6 size 100k expire 10s store gpc0_rate(10s)
backend rate_files
  stick-table type ipv6 size 100k expire 10s store gpc0_rate(10s)
frontend public
  bind 127.0.0.1:${off}
  bind 127.0.0.1:${on} ssl crt ${directory}/pair.pem alpn h2,http/1.1
  log global
  log-format '${log}'
  compression algo gzip
  compression type ${compressedTypes}
  unique-id-format %[uuid()]
  http-request set-var(txn.path) path
  http-request return status 200 content-type text/plain lf-string "%[path,field(-1,/)].thumbprint" if { path_beg /.well-known/acme-challenge/ }
  http-request deny deny_status 400 if { var(txn.path) -m reg //|/\\.\\.?(/|$)|[^A-Za-z0-9/._~!$&()*+,;=:@-] }
  http-request set-var(txn.host) req.hdr(host),host_only,rtrim(.),lower
  http-request set-var(txn.to) var(txn.host),concat(,txn.path),map_beg(${directory}/routes.map)
  http-request return status 404 content-type text/plain string "Not found" unless { var(txn.to) -m found }
  http-request deny deny_status 413 if { req.hdr_val(content-length) gt 104857600 }
  acl files var(txn.to) -m str files
  http-request track-sc0 src,ipmask(32,64) table rate_app unless files
  http-request track-sc0 src,ipmask(32,64) table rate_files if files
  http-request set-var(txn.over) bool(true) if { sc0_gpc0_rate ge 1000000 }
  http-request wait-for-body time 1s if { var(txn.over) -m found }
  http-request deny deny_status 429 if { var(txn.over) -m found }
  http-request sc-inc-gpc0(0)
  http-request del-header proxy
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
  http-after-response set-header strict-transport-security max-age=31536000 if { ssl_fc } !{ res.hdr(strict-transport-security) -m found }
  use_backend app_websockets if !files { req.hdr(upgrade) -i -m str websocket }
  use_backend %[var(txn.to)]
backend app
  balance leastconn
  option httpchk
  http-check send meth GET uri / ver HTTP/1.1 hdr host localhost
  http-check expect status 200-399
  http-request lua.hold if { nbsrv eq 0 }
  http-request disable-l7-retry unless METH_GET or METH_HEAD
  server app 127.0.0.1:${appPort} ${check}
backend app_websockets
  balance leastconn
  http-request lua.hold if { nbsrv eq 0 }
  http-request disable-l7-retry
  server app 127.0.0.1:${appPort} ${check}
backend files
  http-reuse always
  http-request deny deny_status 405 unless { method GET HEAD }
  http-response del-header server
  http-response return status 404 content-type text/plain string "Not found" if { status 403 404 }
  server files unix@${directory}/files.sock
`,
  );
}

const holdInLua = `core.register_action('hold', { 'http-req' }, function(txn)
  local waited = 0
  while txn.f:nbsrv() == 0 and waited < 30000 do
    core.msleep(50)
    waited = waited + 50
  end
  txn:set_var('txn.held', waited)
end)
`;

/** The least that forwards at all: no log, no headers, no limits. */
export async function startBare(backend: Backend): Promise<{ program: Program; proxy: Proxy }> {
  const [off = 0, on = 0] = await freePorts(2);
  return await startHaproxy(
    'bare',
    backend,
    [off, on],
    `${haproxyBase('')}frontend public
  bind 127.0.0.1:${off}
  bind 127.0.0.1:${on} ssl crt ${backend.directory}/pair.pem
  use_backend files if { path_beg /files/ }
  default_backend app
backend app
  balance leastconn
  server app 127.0.0.1:${backend.appPort}
backend files
  server files unix@${backend.directory}/files.sock
`,
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
