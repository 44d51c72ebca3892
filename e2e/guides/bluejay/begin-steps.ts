import assert from 'node:assert/strict';
import type { Step } from '../step.ts';

/** Of the instance that serves. */
const PID = '"$(berth ps bluejay --json | grep -o \'"pid": *[0-9]*\' | tail -1 | grep -o \'[0-9]*\')"';

/** From an empty server to a site behind its edge, supervised and replicated. */
export const beginSteps: readonly Step[] = [
  {
    id: 'operating-system',
    heading: 'Before you begin',
    guide: 'Looks whether the system is a Debian or an Ubuntu.',
    replay: { as: 'word for word', command: 'cat /etc/os-release', shows: /^ID=(?:debian|ubuntu)$/m },
  },
  {
    id: 'software',
    heading: 'Before you begin',
    guide: 'Installs toolchain, proxy and replication tool, and looks at their versions.',
    replay: { as: 'equivalent', command: 'berth version', shows: /\d+\.\d+\.\d+/ },
  },
  {
    id: 'domain',
    heading: 'Before you begin',
    guide: 'Lets the domain name point to the server.',
    replay: { left: 'needs a name in the public DNS' },
  },
  {
    id: 'bucket',
    heading: 'Before you begin',
    guide: 'Makes a bucket and a pair of keys with few rights.',
    replay: { left: 'needs an account at an object store; the replay sends backups to a directory' },
  },
  {
    id: 'build',
    heading: 'Build and upload',
    guide: 'Builds for the server’s processor, and uploads program, templates, static files and migrations.',
    replay: { as: 'equivalent', command: 'berth deploy . --json', shows: [/"ok": ?true/, /"release": ?1\b/] },
  },
  {
    id: 'verify-program',
    heading: 'Build and upload',
    guide: 'Looks whether what was built is for the server’s processor.',
    replay: { as: 'equivalent', command: 'berth run bluejay -- node --version', shows: /^v24\./m },
  },
  {
    id: 'directories',
    heading: 'Build and upload',
    guide: 'Makes the directories of the site.',
    replay: { as: 'equivalent', command: 'ls {stores}', shows: [/^db$/m, /^uploads$/m] },
  },
  {
    id: 'service-account',
    heading: 'Build and upload',
    guide: 'Makes the service’s user if it is missing.',
    replay: {
      as: 'equivalent',
      command: 'getent passwd "$(berth run bluejay -- id -un)"',
      shows: /:\/nonexistent:\/usr\/sbin\/nologin$/m,
    },
  },
  {
    id: 'install-proxy',
    heading: 'Edge',
    guide: 'Installs the proxy from its vendor’s archive, has it started with the machine, and looks at its state.',
    replay: { as: 'equivalent', command: 'berth ps', shows: /edge up/ },
  },
  {
    id: 'validate-site',
    heading: 'Edge',
    guide: 'Writes the site into the proxy’s configuration, and has it checked.',
    replay: { as: 'equivalent', command: 'berth check .', shows: /bluejay/ },
  },
  {
    id: 'validate-proxy',
    heading: 'Edge',
    guide: 'Has the proxy check its own configuration.',
    replay: {
      as: 'equivalent',
      command: 'cd "$(dirname "$(find {home}/edge -path \'*live/haproxy.cfg\')")" && haproxy -c -f haproxy.cfg && echo good',
      shows: /^good$/m,
    },
  },
  {
    id: 'reload-proxy',
    heading: 'Edge',
    guide: 'Reloads the proxy without a gap.',
    replay: {
      as: 'equivalent',
      command:
        "(for i in $(seq 40); do curl -s -o /dev/null -w '%{http_code}\\n' https://bluejay.localhost/health; sleep 0.05; done > {backups}/answers) & berth up --detach --redact-query token && wait && sort {backups}/answers | uniq -c",
      shows: /^ *40 200$/m,
    },
  },
  {
    id: 'reverse-proxy',
    heading: 'Edge',
    guide: 'Opens the site through the proxy.',
    replay: { as: 'word for word', command: 'curl -fsS https://bluejay.localhost/', shows: /<\/html>/ },
  },
  {
    id: 'redirect',
    heading: 'Edge',
    guide: 'Sees that HTTP leads to HTTPS.',
    replay: {
      as: 'word for word',
      command: 'curl -sI http://bluejay.localhost/',
      shows: [/^HTTP\/1\.1 30[18]/m, /^location: https:\/\//im],
    },
  },
  {
    id: 'compression',
    heading: 'Edge',
    guide: 'Sees that text is compressed.',
    replay: {
      as: 'word for word',
      command: "curl -s -o /dev/null -D - -H 'Accept-Encoding: gzip' https://bluejay.localhost/",
      shows: /^content-encoding: gzip/im,
    },
  },
  {
    id: 'security-headers',
    heading: 'Edge',
    guide: 'Sees the security headers.',
    replay: {
      as: 'word for word',
      command: 'curl -sI https://bluejay.localhost/',
      shows: [
        /^x-content-type-options: nosniff/im,
        /^x-frame-options: DENY/im,
        /^x-xss-protection: 1; mode=block/im,
        /^referrer-policy: strict-origin-when-cross-origin/im,
      ],
    },
  },
  {
    id: 'public-files',
    heading: 'Edge',
    guide: 'Sees that the proxy serves static files itself, to be kept for a year.',
    replay: {
      as: 'word for word',
      command:
        "curl -fsSI https://bluejay.localhost/$(curl -fsS https://bluejay.localhost/ | grep -o 'public/[^\"]*\\.css' | head -1)",
      shows: [/^cache-control: public, max-age=31536000, immutable/im, /^content-type: text\/css/im],
    },
  },
  {
    id: 'access-log',
    heading: 'Edge',
    guide: 'Reads the proxy’s access log, which is JSON.',
    replay: {
      as: 'word for word',
      command: 'tail -n 20 {home}/edge/access.log',
      shows: (output) => {
        const lines = output.split('\n').filter((line) => line.startsWith('{'));
        assert.ok(lines.some((line) => (JSON.parse(line) as { app: string }).app === 'bluejay'));
      },
    },
  },
  {
    id: 'certificate',
    heading: 'Edge',
    guide: 'Has the certificate issued for the domain, first by the authority’s staging directory.',
    replay: { left: 'needs a name in the public DNS' },
  },
  {
    id: 'unit',
    heading: 'Process supervision',
    guide: 'Writes a systemd unit with user, directory, environment and restarts.',
    replay: { as: 'equivalent', needs: 'machine', command: 'systemctl cat bluejay', shows: /Written by Berth/ },
  },
  {
    id: 'enable',
    heading: 'Process supervision',
    guide: 'Has the unit started with the machine.',
    replay: { as: 'equivalent', needs: 'machine', command: 'systemctl is-enabled bluejay', shows: /^(?:enabled|static)/m },
  },
  {
    id: 'status',
    heading: 'Process supervision',
    guide: 'Starts the unit and looks at its state.',
    replay: { as: 'equivalent', needs: 'machine', command: 'systemctl status --no-pager bluejay', shows: /Active: active/ },
  },
  {
    id: 'environment',
    heading: 'Process supervision',
    guide: 'Tells the service by its environment that it is in production, and where its database is.',
    replay: {
      as: 'equivalent',
      command: `tr '\\0' '\\n' < /proc/${PID}/environ | grep -E '^(ENVIRONMENT|DATABASE_PATH)='`,
      shows: [/^ENVIRONMENT=production$/m, /^DATABASE_PATH=.*bluejay\.db$/m],
    },
  },
  {
    id: 'clean-exit',
    heading: 'Process supervision',
    guide: 'Has it started again whenever it ends, also when it ended well.',
    replay: {
      as: 'equivalent',
      command: `kill -TERM ${PID}; sleep 1; curl --retry 30 --retry-delay 1 --retry-all-errors -fsS http://localhost:28090/health && berth ps bluejay --json`,
      shows: [/"status":"ok"/, /"restarts": ?1\b/],
    },
  },
  {
    id: 'memory-limit',
    heading: 'Process supervision',
    guide: 'Limits the memory of the unit, softly and hard.',
    replay: {
      as: 'equivalent',
      needs: 'machine',
      command: "systemctl show 'bluejay-*' -p MemoryMax -p MemoryHigh",
      shows: [/^MemoryMax=\d+$/m, /^MemoryHigh=\d+$/m],
    },
  },
  {
    id: 'failure-mail',
    heading: 'Process supervision',
    guide: 'Mails the administrator when the unit fails.',
    replay: { left: 'nothing sends mail yet' },
  },
  {
    id: 'replica',
    heading: 'Replication',
    guide: 'Configures to which bucket and path the database is replicated.',
    replay: {
      as: 'equivalent',
      command: 'berth target add dir:{elsewhere} --name elsewhere && berth target',
      shows: /elsewhere/,
    },
  },
  {
    id: 'private-keys',
    heading: 'Replication',
    guide: 'Puts the bucket’s keys into a file that root alone can read.',
    replay: {
      as: 'equivalent',
      command: "stat -c '%U %a' {home}/journal.db {home}/secrets/key.txt",
      shows: (output) => {
        const [journal, key] = output.trim().split('\n');
        assert.equal(journal, 'root 600');
        assert.match(key ?? '', /^root [46]00$/);
      },
    },
  },
  {
    id: 'replication-service',
    heading: 'Replication',
    guide: 'Starts the replication service, and looks at its state.',
    replay: {
      as: 'equivalent',
      command: 'berth ps bluejay',
      withinMs: 60_000,
      shows: [/\bdb +sqlite .*protected/, /\buploads +files .*protected/],
    },
  },
];
