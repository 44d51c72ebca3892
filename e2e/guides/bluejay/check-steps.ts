import assert from 'node:assert/strict';
import type { Step } from '../step.ts';

/** What the guide has looked at after the first deployment, and made harder. */
export const checkSteps: readonly Step[] = [
  {
    id: 'program-owner',
    heading: 'First deployment checks',
    guide: 'Sees that the program is there and belongs to the right user.',
    replay: {
      as: 'equivalent',
      command: "berth run bluejay -- sh -c 'test -r main.ts && ! test -w main.ts && stat -c %U main.ts'",
      shows: /^\S+$/m,
    },
  },
  {
    id: 'directory-modes',
    heading: 'First deployment checks',
    guide: 'Sees that directories, database and uploads have the right modes and owner.',
    replay: {
      as: 'word for word',
      command: "stat -c '%a %U' {database} {stores}/uploads/uploads && berth run bluejay -- id -un",
      shows: (output) => {
        const [database = '', uploads = '', user = ''] = output.split('\n');
        assert.equal(database, `600 ${user}`);
        assert.equal(uploads, `755 ${user}`);
      },
    },
  },
  {
    id: 'running',
    heading: 'First deployment checks',
    guide: 'Sees that the service runs.',
    replay: { as: 'equivalent', command: 'berth ps bluejay', shows: /bluejay\.web\.\S+ +\d+ +healthy/ },
  },
  {
    id: 'listening',
    heading: 'First deployment checks',
    guide: 'Sees that the application’s port is listened on, for this machine alone.',
    replay: {
      as: 'word for word',
      command: 'ss -tlnp | grep :28090',
      shows: (output) => {
        const addresses = output.split('\n').flatMap((line) => line.split(/\s+/)[3] ?? []);
        assert.ok(addresses.length > 0);
        assert.ok(addresses.every((address) => /^(?:127\.|\[::1\])/.test(address)));
      },
    },
  },
  {
    id: 'tls-answers',
    heading: 'First deployment checks',
    guide: 'Sees that the proxy answers over TLS.',
    replay: {
      as: 'word for word',
      command: 'curl -svo /dev/null https://bluejay.localhost/ 2>&1',
      shows: [/SSL certificate verify ok/, /HTTP\/[12](?:\.1)? 200/],
    },
  },
  {
    id: 'replicating',
    heading: 'First deployment checks',
    guide: 'Sees that replication runs and has the database.',
    replay: {
      as: 'equivalent',
      command: 'berth restore-points bluejay --json',
      shows: (output) => {
        const { ranges } = JSON.parse(output) as { ranges: { store: string; target: string }[] };
        assert.ok(
          ranges.some(({ store, target }) => store === 'db' && target === 'elsewhere'),
          'the database is at the target',
        );
      },
      withinMs: 60_000,
    },
  },
  {
    id: 'health',
    heading: 'First deployment checks',
    guide: 'Asks the health address on the machine.',
    replay: {
      as: 'word for word',
      command: 'curl -fsS http://localhost:28090/health',
      shows: (output) => {
        const health = JSON.parse(output) as { status: string; time: string };
        assert.deepEqual(Object.keys(health), ['status', 'time']);
        assert.equal(health.status, 'ok');
        assert.ok(Math.abs(Date.parse(health.time) - Date.now()) < 60_000);
        assert.match(health.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
      },
    },
  },
  {
    id: 'logs-clean',
    heading: 'First deployment checks',
    guide: 'Reads the newest fifty lines of the logs, and sees no errors.',
    replay: {
      as: 'equivalent',
      command: 'berth logs bluejay --tail 50 --level error',
      shows: (output) => assert.equal(output.trim(), ''),
    },
  },
  {
    id: 'login-page',
    heading: 'First deployment checks',
    guide: 'Opens the panel’s login page over HTTPS.',
    replay: { as: 'word for word', command: 'curl -fsS https://bluejay.localhost/admin/login', shows: /<form[^>]*login/ },
  },
  {
    id: 'uploads-writable',
    heading: 'First deployment checks',
    guide: 'Sees that uploads can be written.',
    replay: {
      as: 'equivalent',
      command: 'berth run bluejay -- sh -c \'touch "$STORE_UPLOADS/.probe" && rm "$STORE_UPLOADS/.probe" && echo writable\'',
      shows: /^writable$/m,
    },
  },
  {
    id: 'session-secret',
    heading: 'Hardening',
    guide: 'Makes a secret for sessions of random bytes, puts it into the environment, and restarts.',
    replay: {
      as: 'equivalent',
      command: 'berth secret bluejay generate SESSION_SECRET && berth secret bluejay',
      shows: [/SESSION_SECRET/, /serves release \d+/],
    },
  },
  {
    id: 'no-default-secret',
    heading: 'Hardening',
    guide: 'Makes sure that the secret of the program’s source is not in use.',
    replay: {
      as: 'equivalent',
      command: "berth run bluejay -- sh -c 'env -u SESSION_SECRET ENVIRONMENT=production node main.ts || echo refused'",
      shows: [/SESSION_SECRET/, /^refused$/m],
    },
  },
  {
    id: 'first-account',
    heading: 'Hardening',
    guide: 'Changes the password of the account that comes with the program.',
    replay: {
      as: 'equivalent',
      command: "berth run bluejay -- node command.ts create-admin ada@example.com 'Ada L.'",
      shows: /ada@example\.com/,
    },
  },
  {
    id: 'cookies',
    heading: 'Hardening',
    guide: 'Sees the attributes of the panel’s cookies.',
    replay: {
      as: 'word for word',
      command: 'curl -s -o /dev/null -D - https://bluejay.localhost/admin/login',
      shows: /^set-cookie: (?=.*HttpOnly)(?=.*SameSite=Lax)(?=.*Secure)/im,
    },
  },
  {
    id: 'content-policy',
    heading: 'Hardening',
    guide: 'Tightens the policy of the pages, and sees that nothing inline is allowed for scripts.',
    replay: {
      as: 'word for word',
      command: 'curl -sI https://bluejay.localhost/ | grep -i content-security-policy',
      shows: (output) => {
        assert.match(output, /default-src 'self'|default-src 'none'/);
        assert.doesNotMatch(output, /unsafe-(?:inline|eval)/);
      },
    },
  },
  {
    id: 'csrf',
    heading: 'Hardening',
    guide: 'Sees that a form without its token is refused.',
    replay: {
      as: 'word for word',
      command:
        "curl -s -o /dev/null -w '%{http_code} %{redirect_url}\\n' -d 'email=ada@example.com&password=wrong' https://bluejay.localhost/admin/login",
      shows: /^(?:403 |303 \S+error=)/m,
    },
  },
  {
    id: 'firewall',
    heading: 'Hardening',
    guide: 'Lets SSH, 80 and 443 through the firewall and nothing else, and looks at it.',
    replay: { as: 'equivalent', needs: 'machine', command: 'nft list ruleset', shows: [/\b443\b/, /policy drop/] },
  },
  {
    id: 'security-updates',
    heading: 'Hardening',
    guide: 'Has security updates installed by themselves.',
    replay: {
      as: 'word for word',
      needs: 'machine',
      command: 'apt-config dump APT::Periodic::Unattended-Upgrade',
      shows: /"1"/,
    },
  },
  {
    id: 'security-checklist',
    heading: 'Hardening',
    guide: 'Looks at all of it once more.',
    replay: { as: 'equivalent', needs: 'machine', command: 'berth audit', shows: [/firewall/i, /ssh/i] },
  },
];
