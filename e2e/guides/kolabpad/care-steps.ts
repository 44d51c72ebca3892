import assert from 'node:assert/strict';
import { seesNothingWrong } from '../diagnosis.ts';
import type { Step } from '../step.ts';

/** What keeps it safe, and what somebody does when it is ill. */
export const careSteps: readonly Step[] = [
  {
    id: 'online-backup',
    heading: 'Backup, recovery, retention',
    guide: 'Copies the database with the backup command of sqlite3 while the server runs, and compresses the copy.',
    replay: {
      as: 'word for word',
      command:
        'DATE=$(date +%Y%m%d-%H%M) && sqlite3 {database} ".backup \'{backups}/kolabpad-$DATE.db\'" && gzip {backups}/kolabpad-$DATE.db && gunzip -c {backups}/kolabpad-$DATE.db.gz > {backups}/check.db && sqlite3 {backups}/check.db "PRAGMA integrity_check" && ls {backups}',
      shows: [/^ok$/m, /^kolabpad-\d{8}-\d{4}\.db\.gz$/m],
    },
  },
  {
    id: 'backup-schedule',
    heading: 'Backup, recovery, retention',
    guide: 'Has cron do that every six hours.',
    replay: { as: 'equivalent', command: 'berth ps kolabpad --json', shows: /"stores": ?\[\s*\{[^]*"targets": ?\[\s*\{/ },
  },
  {
    id: 'off-site',
    heading: 'Backup, recovery, retention',
    guide: 'Copies backups to another place, encrypted.',
    replay: {
      as: 'equivalent',
      command: "berth target add dir:{elsewhere} --name elsewhere && berth backup kolabpad --label 'by the guide' --json",
      shows: /"ok": ?true/,
    },
  },
  {
    id: 'list-backups',
    heading: 'Backup, recovery, retention',
    guide: 'Lists what backups there are.',
    replay: {
      as: 'equivalent',
      command: 'berth restore-points kolabpad --json',
      shows: (output, place) => {
        const { points } = JSON.parse(output) as { points: { point: string; label: string | null }[] };
        const made = points.find(({ label }) => label === 'by the guide');
        assert.ok(made !== undefined, 'the backup is there');
        place.facts.set('point', made.point);
      },
    },
  },
  {
    id: 'delete-old-backups',
    heading: 'Backup, recovery, retention',
    guide: 'Deletes backups that are older than 30 days.',
    replay: { left: 'thirty days would have to pass; Berth does it by itself' },
  },
  {
    id: 'recovery',
    heading: 'Backup, recovery, retention',
    guide: 'Stops the service, puts the backup in the place of the database, gives it to the service’s user, and starts again.',
    replay: {
      as: 'equivalent',
      command:
        "curl -fsS -T- https://kolabpad.localhost/api/text/shutdown <<< 'spoiled' && berth restore kolabpad --to {point} --yes --json",
      shows: /"ok": ?true/,
    },
  },
  {
    id: 'verify-recovery',
    heading: 'Backup, recovery, retention',
    guide: 'Checks /api/stats, and that documents open as they were.',
    replay: {
      as: 'word for word',
      command: 'curl -fsS http://localhost:3030/api/stats && curl -fsS http://localhost:3030/api/text/shutdown',
      shows: [/"database_size"/, /typed before the end /],
    },
  },
  {
    id: 'start-empty',
    heading: 'Backup, recovery, retention',
    guide: 'Starts with an empty database when no backup is left.',
    replay: { left: 'would take away what later steps look at' },
  },
  {
    id: 'larger-machine',
    heading: 'Scaling and security',
    guide: 'Takes a larger machine when memory or writes ask for it.',
    replay: { left: 'is the provider’s' },
  },
  {
    id: 'https-only',
    heading: 'Scaling and security',
    guide: 'Sees that HTTP leads to HTTPS.',
    replay: {
      as: 'word for word',
      command: 'curl -sI http://kolabpad.localhost/',
      shows: [/^HTTP\/1\.1 30[18]/m, /^location: https:\/\//im],
    },
  },
  {
    id: 'certificate',
    heading: 'Scaling and security',
    guide: 'Sees that the certificate is good.',
    replay: {
      as: 'word for word',
      command: 'curl -svo /dev/null https://kolabpad.localhost/ 2>&1',
      shows: /SSL certificate verify ok/,
    },
  },
  {
    id: 'security-headers',
    heading: 'Scaling and security',
    guide: 'Looks at the security headers of an answer.',
    replay: {
      as: 'word for word',
      command: 'curl -sI https://kolabpad.localhost/',
      shows: [
        /^x-content-type-options: nosniff/im,
        /^referrer-policy: strict-origin-when-cross-origin/im,
        /^content-security-policy: .*default-src 'self'/im,
        /^content-security-policy: .*frame-ancestors 'none'/im,
      ],
    },
  },
  {
    id: 'static-assets',
    heading: 'Scaling and security',
    guide: 'Sees that assets may be kept for ever and the page may not.',
    replay: {
      as: 'word for word',
      command:
        "curl -fsSI https://kolabpad.localhost/ && curl -fsSI https://kolabpad.localhost/$(curl -fsS https://kolabpad.localhost/ | grep -o 'assets/[^\"]*\\.js' | head -1)",
      shows: [/^cache-control: no-cache/im, /^cache-control: public, max-age=31536000, immutable/im],
    },
  },
  {
    id: 'foreign-origin',
    heading: 'Scaling and security',
    guide: 'Sees that other sites may not use the API from their pages.',
    replay: {
      as: 'word for word',
      command:
        "curl -s -o /dev/null -w '%{http_code}\\n' -X PUT -H 'Origin: https://evil.example' -d x https://kolabpad.localhost/api/text/foreign",
      shows: /^403$/m,
    },
  },
  {
    id: 'rate-limit',
    heading: 'Scaling and security',
    guide: 'Sees that somebody who asks too often is refused.',
    replay: {
      as: 'word for word',
      command:
        "for i in $(seq 120); do curl -s -o /dev/null -w '%{http_code}\\n' -X POST -d '{}' https://kolabpad.localhost/api/document/none/protect; done | sort | uniq -c",
      shows: /^ *\d+ 429$/m,
    },
  },
  {
    id: 'not-root',
    heading: 'Scaling and security',
    guide: 'Sees that the server does not run as root.',
    replay: {
      as: 'word for word',
      command: 'ps -o user= -p "$(berth ps kolabpad --json | grep -o \'"pid": *[0-9]*\' | tail -1 | grep -o \'[0-9]*\')"',
      shows: (output) => {
        assert.match(output, /^\S+\s*$/);
        assert.notEqual(output.trim(), 'root');
      },
    },
  },
  {
    id: 'database-mode',
    heading: 'Scaling and security',
    guide: 'Sees that the database can be read by the service alone.',
    replay: { as: 'word for word', command: "stat -c '%a' {database}", shows: /^600$/m },
  },
  {
    id: 'app-port',
    heading: 'Scaling and security',
    guide: 'Sees that the application’s own port is for this machine alone.',
    replay: {
      as: 'word for word',
      command: 'ss -ltnH sport = :3030',
      shows: (output) => {
        const addresses = output.split('\n').flatMap((line) => line.split(/\s+/)[3] ?? []);
        assert.ok(addresses.length > 0);
        assert.deepEqual(
          addresses.filter((address) => !/^(?:127\.|\[::1\])/.test(address)),
          [],
        );
      },
    },
  },
  {
    id: 'firewall',
    heading: 'Scaling and security',
    guide: 'Closes every port but SSH, 80 and 443.',
    replay: { as: 'word for word', needs: 'machine', command: 'nft list ruleset', shows: [/\b443\b/, /policy drop/] },
  },
  {
    id: 'security-checklist',
    heading: 'Scaling and security',
    guide: 'Goes through a list of what has to be secure on the machine.',
    replay: { as: 'equivalent', needs: 'machine', command: 'berth audit', shows: [/firewall/i, /ssh/i] },
  },
  {
    id: 'write-rate',
    heading: 'Troubleshooting',
    guide: 'Compares writes per minute with the documents in use when the database is written too often.',
    replay: {
      as: 'word for word',
      command:
        'curl -s http://localhost:3030/api/stats | grep -oE \'"(db_writes_per_minute|active_persisters|documents_in_memory)": ?[0-9]+\'',
      shows: [/db_writes_per_minute/, /active_persisters/, /documents_in_memory/],
    },
  },
  {
    id: 'write-reasons',
    heading: 'Troubleshooting',
    guide: 'Compares the two reasons for which documents are written.',
    replay: {
      as: 'word for word',
      command: 'curl -s http://localhost:3030/api/stats | grep -oE \'"(idle|safety_net)_persist_total": ?[0-9]+\'',
      shows: [/idle_persist_total/, /safety_net_persist_total/],
    },
  },
  {
    id: 'memory',
    heading: 'Troubleshooting',
    guide: 'Watches the memory.',
    replay: { as: 'equivalent', command: 'berth ps kolabpad', shows: /\d+ MiB/ },
  },
  {
    id: 'journal-mode',
    heading: 'Troubleshooting',
    guide: 'Looks at the journal mode when the database is locked.',
    replay: { as: 'word for word', command: "sqlite3 {database} 'PRAGMA journal_mode'", shows: /^wal$/m },
  },
  {
    id: 'integrity',
    heading: 'Troubleshooting',
    guide: 'Checks the database for damage.',
    replay: { as: 'word for word', command: "sqlite3 {database} 'PRAGMA integrity_check'", shows: /^ok$/m },
  },
  {
    id: 'websocket-upgrade',
    heading: 'Troubleshooting',
    guide: 'Tries the WebSocket through the proxy when users are thrown out.',
    replay: {
      as: 'word for word',
      command:
        "curl -s --http1.1 -o /dev/null -w '%{http_code}\\n' --max-time 3 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' https://kolabpad.localhost/api/socket/upgrade",
      code: 28,
      shows: /^101$/m,
    },
  },
  {
    id: 'port-owner',
    heading: 'Troubleshooting',
    guide: 'Looks who has the port when the server does not start.',
    replay: { as: 'word for word', command: 'ss -ltnpH sport = :3030', shows: /users:\(\(/ },
  },
  {
    id: 'doctor',
    heading: 'Troubleshooting',
    guide: 'Goes through the table of symptoms.',
    replay: {
      as: 'equivalent',
      command: 'berth doctor kolabpad --json || true',
      shows: (output) => seesNothingWrong(output, 'kolabpad'),
    },
  },
];
