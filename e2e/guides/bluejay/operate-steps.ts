import assert from 'node:assert/strict';
import { seesNothingWrong } from '../diagnosis.ts';
import type { Place, Step } from '../step.ts';

const JOURNAL = "journalctl -u 'bluejay*' --no-pager";

const pointIn = (output: string, label: string, place: Place): void => {
  const { points } = JSON.parse(output) as { points: { point: string; label: string | null }[] };
  const made = points.find((point) => point.label === label);
  assert.ok(made !== undefined, `${label} is there`);
  place.facts.set('point', made.point);
};

/** Deploys, what is watched, backups, upkeep and trouble. */
export const operateSteps: readonly Step[] = [
  {
    id: 'deploy',
    heading: 'Deploy, migrate, roll back',
    guide: 'Builds, uploads and restarts by one command.',
    replay: {
      as: 'equivalent',
      meanwhile: async (place) => {
        await place.write('CHANGE', 'the next version\n');
        return { [Symbol.asyncDispose]: async () => undefined };
      },
      command: 'berth deploy . --json',
      shows: [/"changed": ?true/, /"failed": ?0\b/],
    },
  },
  {
    id: 'migrations',
    heading: 'Deploy, migrate, roll back',
    guide: 'Reads in the log that the migrations have run.',
    replay: { as: 'equivalent', command: 'berth receipt bluejay', shows: /^release-command +done/m },
  },
  {
    id: 'zero-downtime',
    heading: 'Deploy, migrate, roll back',
    guide: 'Names socket activation or a second instance as the way to deploy without a gap.',
    replay: {
      as: 'equivalent',
      command:
        "(for i in $(seq 60); do curl -s -o /dev/null -w '%{http_code}\\n' https://bluejay.localhost/; sleep 0.05; done > {backups}/answers) & berth restart bluejay && wait && sort {backups}/answers | uniq -c",
      shows: /^ *60 200$/m,
    },
  },
  {
    id: 'graceful-stop',
    heading: 'Deploy, migrate, roll back',
    guide: 'Sees in the log that the old server ended in order.',
    replay: {
      as: 'equivalent',
      command: 'berth logs bluejay --since 5m',
      shows: [/shutting down server/, /server stopped/, /starting server/],
    },
  },
  {
    id: 'revision',
    heading: 'Deploy, migrate, roll back',
    guide: 'Has the deploy print the revision of the source.',
    replay: {
      as: 'word for word',
      command: 'git rev-parse --short=7 HEAD && berth releases bluejay',
      shows: (output) => {
        const [commit = ''] = output.split('\n');
        assert.match(commit, /^[0-9a-f]{7}$/);
        assert.ok(output.slice(8).includes(commit));
      },
    },
  },
  {
    id: 'rollback',
    heading: 'Deploy, migrate, roll back',
    guide: 'Stops, puts the program before in its place, and starts.',
    replay: { as: 'equivalent', command: 'berth rollback bluejay --json', shows: [/"ok": ?true/, /"failed": ?0\b/] },
  },
  {
    id: 'external-monitor',
    heading: 'Monitoring',
    guide: 'Has a service outside ask the health address every minute.',
    replay: { left: 'needs somebody outside; Berth has no probes yet' },
  },
  {
    id: 'log-follow',
    heading: 'Monitoring',
    guide: 'Follows the log.',
    replay: {
      as: 'equivalent',
      command: 'timeout 5 berth logs bluejay -f',
      code: 124,
      withinMs: 60_000,
      shows: /starting server/,
    },
  },
  {
    id: 'log-last',
    heading: 'Monitoring',
    guide: 'Reads the last hundred lines.',
    replay: {
      as: 'equivalent',
      command: 'berth logs bluejay --tail 100',
      shows: (output) => assert.ok(output.trim().split('\n').length > 10),
    },
  },
  {
    id: 'log-since',
    heading: 'Monitoring',
    guide: 'Reads the last hour.',
    replay: { as: 'equivalent', command: 'berth logs bluejay --since 1h', shows: /starting server/ },
  },
  {
    id: 'log-errors',
    heading: 'Monitoring',
    guide: 'Reads errors alone.',
    replay: {
      as: 'equivalent',
      command: 'berth logs bluejay --since 1h --level error',
      shows: (output) => assert.equal(output.trim(), ''),
    },
  },
  {
    id: 'log-export',
    heading: 'Monitoring',
    guide: 'Writes the log of a day to a file.',
    replay: {
      as: 'equivalent',
      command: 'berth logs bluejay --since 1d > {backups}/bluejay.log && wc -l < {backups}/bluejay.log',
      shows: /^[1-9]\d+$/m,
    },
  },
  {
    id: 'journal',
    heading: 'Monitoring',
    guide: 'Does the same with journalctl.',
    replay: {
      as: 'word for word',
      needs: 'machine',
      command: `${JOURNAL} --since '1 hour ago'`,
      shows: /starting server/,
    },
  },
  {
    id: 'metrics',
    heading: 'Monitoring',
    guide: 'Has Prometheus read the metrics.',
    replay: {
      as: 'equivalent',
      command: 'curl -fsS http://localhost:28090/metrics',
      shows: [/^http_requests_total\{/m, /^cache_hits_total\b/m, /^wal_bytes \d/m],
    },
  },
  {
    id: 'alert-rules',
    heading: 'Monitoring',
    guide: 'Sets up alerts in a monitoring service.',
    replay: { as: 'equivalent', needs: 'tools', command: 'promtool check rules alerts.yaml', shows: /SUCCESS: 11 rules found/ },
  },
  {
    id: 'apm',
    heading: 'Monitoring',
    guide: 'Connects Grafana, an error tracker and a monitoring suite.',
    replay: { left: 'needs those services, which Berth does not run' },
  },
  {
    id: 'manual-backup',
    heading: 'Backup and recovery',
    guide: 'Copies the database with the backup command of sqlite3 before a big change, and lists the copy.',
    replay: {
      as: 'word for word',
      command: 'sqlite3 {database} ".backup \'{backups}/backup-$(date +%Y%m%d-%H%M%S).db\'" && ls -lh {backups}/backup-*.db',
      shows: /backup-\d{8}-\d{6}\.db$/m,
    },
  },
  {
    id: 'backup',
    heading: 'Backup and recovery',
    guide: 'Copies database and uploads to the bucket, now.',
    replay: { as: 'equivalent', command: "berth backup bluejay --label 'before the change' --json", shows: /"ok": ?true/ },
  },
  {
    id: 'restore-points',
    heading: 'Backup and recovery',
    guide: 'Lists snapshots and the newest pieces of the log at the bucket.',
    replay: {
      as: 'equivalent',
      command: 'berth restore-points bluejay --json',
      shows: (output, place) => pointIn(output, 'before the change', place),
    },
  },
  {
    id: 'note-the-time',
    heading: 'Backup and recovery',
    guide: 'Notes the moment to go back to.',
    replay: {
      as: 'word for word',
      command:
        "sleep 3; date -u '+%Y-%m-%d %H:%M:%SZ'; sleep 3; berth run bluejay -- node command.ts create-admin mistake@example.com Mistake > /dev/null; sqlite3 {database} .dump | grep -c mistake@example.com",
      shows: (output, place) => {
        const [moment = '', count = ''] = output.trim().split('\n');
        assert.match(moment, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
        assert.ok(Number(count) > 0, 'there is something that shall not be');
        place.facts.set('moment', moment);
      },
    },
  },
  {
    id: 'restore-at',
    heading: 'Backup and recovery',
    guide: 'Stops everything, restores the database as it was at that moment, gives it to its user, and starts.',
    replay: {
      as: 'equivalent',
      command:
        'berth restore bluejay --at "{moment}" --yes && sqlite3 {database} .dump | { ! grep mistake@example.com; } && echo gone',
      shows: /^gone$/m,
    },
  },
  {
    id: 'restore-manual',
    heading: 'Backup and recovery',
    guide: 'Restores a copy that was made by hand.',
    replay: { as: 'equivalent', command: 'berth restore bluejay --to {point} --yes --json', shows: /"ok": ?true/ },
  },
  {
    id: 'after-restore',
    heading: 'Backup and recovery',
    guide: 'Starts the service and asks for its health.',
    replay: { as: 'word for word', command: 'curl -fsS http://localhost:28090/health', shows: /"status":"ok"/ },
  },
  {
    id: 'uploads-sync',
    heading: 'Backup and recovery',
    guide: 'Copies uploads to the bucket every night.',
    replay: { as: 'equivalent', command: 'berth ps bluejay', shows: /\buploads +files .*protected/ },
  },
  {
    id: 'rehearsal',
    heading: 'Backup and recovery',
    guide: 'Rehearses a restore every now and then.',
    replay: { as: 'equivalent', command: 'berth drill bluejay && berth drills bluejay', shows: /passed/ },
  },
  {
    id: 'server-loss',
    heading: 'Backup and recovery',
    guide: 'Makes a new server after a loss, and restores database and uploads there.',
    replay: {
      as: 'equivalent',
      command: 'berth kit --out {backups}/kit.txt && BERTH_HOME=/tmp/berth-guide-none berth recover {backups}/kit.txt --dry-run',
      shows: [/bluejay/, /elsewhere/],
    },
  },
  {
    id: 'analyze',
    heading: 'Scaling and upkeep',
    guide: 'Has the database look at its own content while the site runs.',
    replay: { as: 'word for word', command: "sqlite3 {database} 'ANALYZE; SELECT count(*) FROM sqlite_stat1'", shows: /^\d+$/m },
  },
  {
    id: 'vacuum',
    heading: 'Scaling and upkeep',
    guide: 'Compacts the database with the service stopped.',
    replay: {
      as: 'equivalent',
      command:
        "berth stop bluejay && sqlite3 {database} VACUUM && berth start bluejay && curl -fsS http://localhost:28090/health && echo && stat -c '%a %U' {database} && berth run bluejay -- id -un",
      shows: (output) => {
        assert.match(output, /"status":"ok"/);
        const [, user] = /^600 (\S+)$/m.exec(output) ?? [];
        assert.ok(user !== undefined && output.includes(`\n${user}\n`, output.indexOf(user)), 'the database is the service’s');
      },
    },
  },
  {
    id: 'address-in-use',
    heading: 'Troubleshooting',
    guide: 'Looks who has the port.',
    replay: { as: 'word for word', command: 'ss -ltnpH sport = :28090', shows: /users:\(\(/ },
  },
  {
    id: 'database-locked',
    heading: 'Troubleshooting',
    guide: 'Looks at the journal mode when the database is locked.',
    replay: { as: 'word for word', command: "sqlite3 {database} 'PRAGMA journal_mode'", shows: /^wal$/m },
  },
  {
    id: 'permission-denied',
    heading: 'Troubleshooting',
    guide: 'Looks at owner and mode of the database.',
    replay: { as: 'word for word', command: 'ls -l {database}', shows: /^-rw------- / },
  },
  {
    id: 'bad-gateway',
    heading: 'Troubleshooting',
    guide: 'Looks whether the service runs and on which port, when the proxy answers 502.',
    replay: {
      as: 'equivalent',
      command: 'berth ps bluejay && curl -fsS -o /dev/null http://localhost:28090/health',
      shows: /bluejay\.web\.\S+ +\d+ +healthy/,
    },
  },
  {
    id: 'nothing-replicated',
    heading: 'Troubleshooting',
    guide: 'Looks at the replication service and its credentials when nothing is replicated.',
    replay: { as: 'equivalent', command: 'berth target', shows: /elsewhere/ },
  },
  {
    id: 'out-of-memory',
    heading: 'Troubleshooting',
    guide: 'Searches the kernel’s log for processes that were ended for want of memory.',
    replay: {
      as: 'word for word',
      needs: 'machine',
      command: "journalctl -k --no-pager | grep -ci 'out of memory' || true",
      shows: /^\d+$/m,
    },
  },
  {
    id: 'doctor',
    heading: 'Troubleshooting',
    guide: 'Goes through the table of symptoms.',
    replay: {
      as: 'equivalent',
      command: 'berth doctor bluejay --json || true',
      shows: (output) => seesNothingWrong(output, 'bluejay'),
    },
  },
];
