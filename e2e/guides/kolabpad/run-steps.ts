import assert from 'node:assert/strict';
import type { Step } from '../step.ts';
import { typist } from './typist.ts';

type Stats = Readonly<Record<string, number>>;
const statsIn = (output: string): Stats => JSON.parse(output) as Stats;

/** What somebody does with it while it runs. */
export const runSteps: readonly Step[] = [
  {
    id: 'sigterm',
    heading: 'Shutdown and deploy',
    guide: 'Types into a document in a browser, sends SIGTERM to the server, and reads in the log what it does.',
    replay: {
      as: 'word for word',
      meanwhile: typist('shutdown', 'typed before the end '),
      command:
        'kill -TERM "$(berth ps kolabpad --json | grep -o \'"pid": *[0-9]*\' | tail -1 | grep -o \'[0-9]*\')"; sleep 2; berth logs kolabpad --since 1m',
      shows: [/Shutting down\.\.\./, /flush.*shutdown/, /Graceful shutdown complete - flushed \d+ documents/],
    },
  },
  {
    id: 'shutdown-test',
    heading: 'Shutdown and deploy',
    guide: 'Reads in the database that what was typed is there.',
    replay: {
      as: 'word for word',
      command: `sqlite3 {database} "SELECT text FROM document WHERE id = 'shutdown'"`,
      shows: /^typed before the end /m,
    },
  },
  {
    id: 'restarted',
    heading: 'Shutdown and deploy',
    guide: 'Has the service manager start the server again.',
    replay: {
      as: 'equivalent',
      command: 'curl -fsS http://localhost:3030/api/text/shutdown',
      withinMs: 20_000,
      shows: /^typed before the end /,
    },
  },
  {
    id: 'deploy',
    heading: 'Shutdown and deploy',
    guide: 'Starts the new version, waits for its health, moves new connections over, drains the old one, and ends it.',
    replay: {
      as: 'equivalent',
      meanwhile: async (place) => {
        await place.write('CHANGE', 'the next version\n');
        return typist('deploy', 'typed during a deploy ')(place);
      },
      command: 'berth deploy . --json',
      shows: [/"changed": ?true/, /"failed": ?0\b/],
    },
  },
  {
    id: 'nothing-lost',
    heading: 'Shutdown and deploy',
    guide: 'Sees that nothing was lost by it.',
    replay: {
      as: 'equivalent',
      command: 'curl -fsS https://kolabpad.localhost/api/text/deploy',
      shows: /^typed during a deploy /,
    },
  },
  {
    id: 'rollback',
    heading: 'Shutdown and deploy',
    guide: 'Starts the version before on the same data.',
    replay: {
      as: 'equivalent',
      command: 'berth rollback kolabpad --json && curl -fsS https://kolabpad.localhost/api/text/deploy',
      shows: [/"ok": ?true/, /typed during a deploy /],
    },
  },
  {
    id: 'health',
    heading: 'Health and metrics',
    guide: 'Asks /api/stats, and takes anything but 200 for ill.',
    replay: {
      as: 'word for word',
      command: "curl -s -o /dev/null -w '%{http_code}\\n' http://localhost:3030/api/stats",
      shows: /^200$/m,
    },
  },
  {
    id: 'stats',
    heading: 'Health and metrics',
    guide: 'Reads failed writes, memory and tasks in /api/stats.',
    replay: {
      as: 'word for word',
      command: 'curl -s http://localhost:3030/api/stats',
      shows: (output) => {
        const stats = statsIn(output);
        assert.equal(stats['persist_errors'], 0);
        assert.ok((stats['memory_usage_mb'] ?? 0) > 20);
        assert.ok((stats['goroutine_count'] ?? 0) > 0);
      },
    },
  },
  {
    id: 'count-documents',
    heading: 'Health and metrics',
    guide: 'Counts the documents in the database, which fails when the database does.',
    replay: { as: 'word for word', command: "sqlite3 {database} 'SELECT COUNT(*) FROM document'", shows: /^[1-9]\d*$/m },
  },
  {
    id: 'data-disk',
    heading: 'Health and metrics',
    guide: 'Looks how full the disk of the data is.',
    replay: { as: 'word for word', command: 'df -h {stores}', shows: /\d+%/ },
  },
  {
    id: 'metrics',
    heading: 'Health and metrics',
    guide: 'Has Prometheus read the metrics.',
    replay: {
      as: 'word for word',
      command: 'curl -fsS http://localhost:3030/metrics',
      shows: [
        /^kolabpad_documents_in_memory \d/m,
        /^kolabpad_db_writes_total \d/m,
        /^kolabpad_persist_latency_seconds_count \d/m,
      ],
    },
  },
  {
    id: 'prometheus',
    heading: 'Health and metrics',
    guide: 'Adds a job to the configuration of Prometheus, every 15 seconds.',
    replay: { left: 'needs a Prometheus, which Berth does not run yet' },
  },
  {
    id: 'alert-rules',
    heading: 'Alerts',
    guide: 'Loads two groups with eight rules.',
    replay: { as: 'word for word', needs: 'tools', command: 'promtool check rules alerts.yaml', shows: /SUCCESS: 8 rules found/ },
  },
  {
    id: 'alert-routes',
    heading: 'Alerts',
    guide: 'Sends critical alerts to whoever is on call, and warnings to a place for office hours.',
    replay: { left: 'needs an Alertmanager, which Berth does not run yet' },
  },
  {
    id: 'log-level',
    heading: 'Logs',
    guide: 'Sets the level of the log to debug and restarts.',
    replay: {
      as: 'equivalent',
      command:
        "berth env kolabpad set BACKEND_LOG_LEVEL=debug && curl -fsS -T- https://kolabpad.localhost/api/text/shutdown <<< 'typed before the end and after' && berth restart kolabpad && berth logs kolabpad --since 1m",
      shows: /"level":"debug"/,
    },
  },
  {
    id: 'log-level-back',
    heading: 'Logs',
    guide: 'Sets it back to info.',
    replay: {
      as: 'equivalent',
      command: 'berth env kolabpad unset BACKEND_LOG_LEVEL && berth env kolabpad',
      shows: (output) => assert.doesNotMatch(output, /BACKEND_LOG_LEVEL\W+debug/),
    },
  },
  {
    id: 'log-errors',
    heading: 'Logs',
    guide: 'Searches the log for errors.',
    replay: {
      as: 'equivalent',
      command: 'berth logs kolabpad --level error --since 1h',
      shows: (output) => assert.equal(output.trim(), '', 'there were none'),
    },
  },
  {
    id: 'log-rotation',
    heading: 'Logs',
    guide: 'Rotates the files of the log daily with logrotate.',
    replay: { left: 'logs are bounded by size, not yet rotated by day' },
  },
  {
    id: 'access-log',
    heading: 'Logs',
    guide: 'Keeps the one-time password of a link out of the access log.',
    replay: {
      as: 'equivalent',
      command:
        "berth up --detach --redact-query otp && curl -fsS 'https://kolabpad.localhost/api/status/shutdown?otp=0123456789ab' && sleep 2 && grep 'status.*shutdown' {home}/edge/access.log",
      shows: (output) => {
        const line = output.split('\n').findLast((text) => text.includes('redacted')) ?? '';
        assert.match(line, /"query":"otp=redacted"/);
        assert.doesNotMatch(line, /0123456789ab/);
      },
    },
  },
];
