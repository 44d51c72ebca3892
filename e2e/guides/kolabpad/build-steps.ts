import assert from 'node:assert/strict';
import type { Step } from '../step.ts';

const CONTAINERS = 'needs containers, which Berth does not run yet';
const CLOUD = 'needs an account at that provider; the page of the guide says what to think of it';

/** From an empty server to one that runs the application. */
export const buildSteps: readonly Step[] = [
  {
    id: 'dns',
    heading: 'Architecture',
    guide: 'Lets the domain name point to the server, and waits until it does.',
    replay: { left: 'needs a name in the public DNS' },
  },
  {
    id: 'build',
    heading: 'Build and release',
    guide: 'Builds server and page for production with one command, and looks for index.html and assets.',
    replay: {
      as: 'equivalent',
      command: 'berth deploy . && berth run kolabpad -- ls dist dist/assets',
      shows: [/^index\.html$/m, /^dist\/assets:$/m, /\.js$/m],
    },
  },
  {
    id: 'answers',
    heading: 'Build and release',
    guide: 'Opens the production build at its port on the same machine.',
    replay: { as: 'word for word', command: 'curl -fsS http://localhost:3030/', shows: [/<!doctype html>/i, /kolabpad/i] },
  },
  {
    id: 'tests',
    heading: 'Build and release',
    guide: 'Runs all tests of server and page.',
    replay: { left: 'is `npm test`, of which this replay is a part' },
  },
  {
    id: 'audit',
    heading: 'Build and release',
    guide: 'Searches the dependencies for known vulnerabilities with `npm audit` and its like.',
    replay: { left: 'asks a service in the internet, whose answer changes from day to day' },
  },
  {
    id: 'tag',
    heading: 'Build and release',
    guide: 'Tags the release and pushes the tag.',
    replay: {
      as: 'word for word',
      command:
        "git tag -a v1.0.0 -m 'Release v1.0.0' && git push -q origin v1.0.0 && git rev-parse --short=7 v1.0.0^{} && berth releases kolabpad",
      shows: (output) => {
        const [commit = ''] = output.split('\n');
        assert.match(commit, /^[0-9a-f]{7}$/);
        assert.ok(output.slice(8).includes(commit), 'the release has the commit of the tag');
      },
    },
  },
  {
    id: 'clean-build',
    heading: 'Build and release',
    guide: 'Builds once more without anything that an earlier build left.',
    replay: { as: 'equivalent', command: 'berth deploy --force . --json', shows: [/"changed": ?true/, /"ok": ?true/] },
  },
  {
    id: 'image-push',
    heading: 'Build and release',
    guide: 'Tags the image with the version and pushes it to a registry.',
    replay: { left: CONTAINERS },
  },
  {
    id: 'environment',
    heading: 'Configuration',
    guide: 'Copies the example file of variables and fills in what differs.',
    replay: {
      as: 'equivalent',
      command: 'berth env kolabpad set WS_HEARTBEAT_INTERVAL_SECONDS=20 && berth env kolabpad',
      shows: /WS_HEARTBEAT_INTERVAL_SECONDS\W+20\b/,
    },
  },
  {
    id: 'private-configuration',
    heading: 'Configuration',
    guide: 'Makes the file of variables readable for the service alone.',
    replay: {
      as: 'equivalent',
      command: "berth run kolabpad -- id -un && stat -c '%U %a' {home}/apps/kolabpad/secrets/*/SERVER_KEY",
      shows: (output) => {
        const [user = '', ...files] = output.trim().split('\n');
        assert.deepEqual([...new Set(files)], [`${user} 400`]);
      },
    },
  },
  {
    id: 'compose-down',
    heading: 'Containers',
    guide: 'Stops everything with one command.',
    replay: {
      as: 'equivalent',
      command:
        "berth stop kolabpad && curl -s -o /dev/null -w 'status %{http_code}\\n' https://kolabpad.localhost/api/text/guide",
      shows: /^status 503$/m,
    },
  },
  {
    id: 'compose-up',
    heading: 'Containers',
    guide: 'Starts everything with one command, application and TLS edge, once host and e-mail are filled in.',
    replay: {
      as: 'equivalent',
      command: 'berth start kolabpad && curl -fsS https://kolabpad.localhost/',
      shows: /<!doctype html>/i,
    },
  },
  {
    id: 'compose-restart',
    heading: 'Containers',
    guide: 'Restarts everything with one command.',
    replay: { as: 'equivalent', command: 'berth restart kolabpad --json', shows: [/"ok": ?true/, /"failed": ?0\b/] },
  },
  {
    id: 'compose-logs',
    heading: 'Containers',
    guide: 'Follows the logs.',
    replay: {
      as: 'equivalent',
      command: 'timeout 5 berth logs kolabpad -f',
      code: 124,
      withinMs: 60_000,
      shows: /Starting Kolabpad server/,
    },
  },
  {
    id: 'compose-health',
    heading: 'Containers',
    guide: 'Sees in the list of containers that they are healthy.',
    replay: { as: 'equivalent', command: 'berth ps kolabpad', shows: /kolabpad .*running/ },
  },
  {
    id: 'docker-run',
    heading: 'Containers',
    guide: 'Starts a single container by hand, with a volume and a published port, and reads its logs.',
    replay: { left: CONTAINERS },
  },
  {
    id: 'compose-nginx',
    heading: 'Containers',
    guide: 'Puts nginx in front instead, in a container with certificates of one’s own.',
    replay: { left: CONTAINERS },
  },
  {
    id: 'system-user',
    heading: 'systemd',
    guide: 'Makes a system user without a shell.',
    replay: {
      as: 'equivalent',
      command: 'getent passwd "$(berth run kolabpad -- id -un)"',
      shows: /:\/nonexistent:\/usr\/sbin\/nologin$/m,
    },
  },
  {
    id: 'directories',
    heading: 'systemd',
    guide: 'Makes directories for program, data and page, copies them there, and gives them to the user.',
    replay: { as: 'equivalent', command: 'ls {home}/apps/kolabpad', shows: [/^builds$/m, /^logs$/m, /^stores$/m] },
  },
  {
    id: 'unit',
    heading: 'systemd',
    guide: 'Writes a unit with user, directory, environment, restarts and what the program may not do.',
    replay: { as: 'word for word', needs: 'machine', command: 'systemctl cat kolabpad', shows: /Written by Berth/ },
  },
  {
    id: 'enable',
    heading: 'systemd',
    guide: 'Has the unit started with the machine.',
    replay: { as: 'word for word', needs: 'machine', command: 'systemctl is-enabled kolabpad', shows: /^(?:enabled|static)/m },
  },
  {
    id: 'status',
    heading: 'systemd',
    guide: 'Starts the unit and looks at its state.',
    replay: {
      as: 'word for word',
      needs: 'machine',
      command: 'systemctl status --no-pager kolabpad',
      shows: /Active: active/,
    },
  },
  {
    id: 'journal',
    heading: 'systemd',
    guide: 'Follows the log of the unit.',
    replay: {
      as: 'word for word',
      needs: 'machine',
      command: "timeout 5 journalctl -u 'kolabpad*' -n 200 -f",
      code: 124,
      shows: /Starting Kolabpad server/,
    },
  },
  {
    id: 'unit-limits',
    heading: 'systemd',
    guide: 'Limits memory and processor in the unit.',
    replay: {
      as: 'equivalent',
      needs: 'machine',
      command: "systemctl show 'kolabpad-*' -p MemoryMax -p CPUQuotaPerSecUSec",
      shows: [/^MemoryMax=\d+$/m, /^CPUQuotaPerSecUSec=2s$/m],
    },
  },
  {
    id: 'ecs',
    heading: 'Cloud notes',
    guide: 'Describes a task for ECS and Fargate with a network file system.',
    replay: { left: CLOUD },
  },
  {
    id: 'cloud-run',
    heading: 'Cloud notes',
    guide: 'Deploys to Cloud Run.',
    replay: { left: CLOUD },
  },
  {
    id: 'kubernetes',
    heading: 'Cloud notes',
    guide: 'Applies a deployment with one replica and a volume claim to Kubernetes.',
    replay: { left: CLOUD },
  },
];
