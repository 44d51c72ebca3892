import * as z from 'zod';
import { command, duration, expected, mapping, record, scalar, size, VARIABLE, wholeNumber, word } from './schema-parts.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MB = 1_000_000;

/** RFC 3986 path and query, unescaped where a configuration file could misread it. */
export const URL_PATH = /^\/[A-Za-z0-9/._~!$&()+,;=:@%?-]*$/;

const httpPath = 'a path such as /healthz';

const HealthPart = mapping('a path such as /healthz, `tcp`, or a mapping', {
  path: word(httpPath, URL_PATH)
    .optional()
    .meta({ title: 'path', description: 'Healthy when this path is answered with a 2xx or 3xx status.', samples: ['/healthz'] }),
  tcp: z.literal(true, expected('`true`')).optional().meta({
    title: 'true',
    description: 'Healthy when the port takes connections. The default for a service that is reached over the network.',
  }),
  command: command()
    .optional()
    .meta({
      description: 'Healthy when this shell command exits with 0; it runs like the service, in its directory and environment.',
      samples: ['node check.ts'],
    }),
  every: duration({ min: 100, max: HOUR_MS })
    .prefault('5s')
    .meta({ title: 'duration', description: 'Time between two checks.', samples: ['10s'] }),
  timeout: duration({ min: 100, max: 5 * MINUTE_MS })
    .prefault('3s')
    .meta({ title: 'duration', description: 'How long an answer may take.', samples: ['1s'] }),
  fails: wholeNumber('a number of failures', { min: 1, max: 100 })
    .prefault(3)
    .meta({
      title: 'number',
      description: 'Failed checks in a row after which an instance gets no more requests.',
      samples: [5],
    }),
  start: duration({ min: SECOND_MS, max: HOUR_MS })
    .prefault('30s')
    .meta({ title: 'duration', description: 'How long a new instance may take to become healthy.', samples: ['2m'] }),
});

const healthText = word('a path such as /healthz, `tcp`, or a mapping', /^(\/[A-Za-z0-9/._~!$&()+,;=:@%?-]*|tcp)$/);

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

const StopPart = mapping('a mapping with `signal` and `within`', {
  signal: z
    .enum(SIGNALS, expected(`one of ${SIGNALS.join(', ')}`))
    .prefault('SIGTERM')
    .meta({ title: 'signal', description: 'Sent to ask an instance to end.', samples: ['SIGINT'] }),
  within: duration({ min: 100, max: 10 * MINUTE_MS })
    .prefault('30s')
    .meta({ title: 'duration', description: 'How long it may take to end; after that it is killed.', samples: ['10s'] }),
});

const LimitsPart = mapping('a mapping with `memory`, `cpu` and `files`', {
  memory: size({ min: MB, max: 1e15 })
    .optional()
    .meta({ title: 'size', description: 'Most memory of one instance.', samples: ['512MB'] }),
  cpu: z
    .number(expected('a number of cores from 0.1 to 64'))
    .min(0.1, expected('a number of cores from 0.1 to 64'))
    .max(64, expected('a number of cores from 0.1 to 64'))
    .optional()
    .meta({ title: 'number', description: 'Cores that one instance may use; 0.5 is half of one.', samples: [0.5] }),
  files: wholeNumber('a number of open files', { min: 64, max: 1_048_576 })
    .prefault(65_536)
    .meta({ title: 'number', description: 'Open files, sockets included, of one instance.', samples: [4096] }),
});

const secretName = word('a name of letters, digits and underscores, such as SESSION_SECRET', VARIABLE);

const SecretPart = mapping('a mapping with `as` and `generate`', {
  as: z
    .enum(['env', 'file', 'both'], expected('`env`, `file` or `both`'))
    .prefault('env')
    .meta({
      description:
        '`env`: the value in a variable of this name. `file`: a private file, its path in the variable NAME_FILE. `both`: both.',
      samples: ['file'],
    }),
  generate: z
    .boolean(expected('`true` or `false`'))
    .prefault(false)
    .meta({ title: 'true or false', description: 'Made up by Berth when nobody has set it.', samples: [true] }),
});

const secretsWhat = 'a list of names, such as [SESSION_SECRET], or a mapping of names to options';

const ServiceMapping = mapping(
  'a command, or a mapping with `run`',
  {
    run: command().meta({
      description: 'Shell command that starts one instance. It listens on the port in `$PORT`.',
      samples: ['node server/main.ts'],
    }),
    instances: wholeNumber('a number of instances', { min: 1, max: 64 })
      .prefault(1)
      .meta({ title: 'number', description: 'How many copies run. More than one needs `switch: rolling`.', samples: [2] }),
    switch: z
      .enum(['rolling', 'handover'], expected('`rolling` or `handover`'))
      .prefault('rolling')
      .meta({
        description:
          'How traffic moves to a new release. `rolling`: new instances start and are healthy before old ones stop. `handover`, for a service of which only one may own the data: requests wait while the old instance ends and the new one starts.',
        samples: ['handover'],
      }),
    health: z
      .union(
        [healthText.transform((text) => HealthPart.parse(text === 'tcp' ? { tcp: true } : { path: text })), HealthPart],
        expected('a path such as /healthz, `tcp`, or a mapping'),
      )
      .prefault({})
      .meta({
        title: 'path, tcp or mapping',
        description:
          'How Berth knows that an instance works. Default: its port takes connections; for a service that takes none: it stays alive.',
        samples: ['/healthz', { path: '/healthz', every: '5s', timeout: '3s', fails: 3, start: '30s' }],
      }),
    stop: StopPart.prefault({}).meta({
      title: 'mapping',
      description: 'How an instance is ended.',
      samples: [{ signal: 'SIGTERM', within: '30s' }],
    }),
    limits: LimitsPart.prefault({}).meta({
      title: 'mapping',
      description: 'What one instance may use.',
      samples: [{ memory: '512MB', cpu: 1 }],
    }),
    env: record(
      'a mapping of variable names to values',
      word('a variable name of letters, digits and underscores', VARIABLE),
      scalar('text, a number or a boolean (`NAME: ""` for an empty value)'),
    )
      .prefault({})
      .meta({
        title: 'mapping',
        description:
          'Environment variables. Values may hold references such as `${stores.db.path}`; numbers and booleans arrive as they are written here.',
        samples: [{ EXPIRY_DAYS: 7, DATABASE: '${stores.db.path}' }],
      }),
    secrets: z
      .union([z.array(secretName), record(secretsWhat, secretName, SecretPart)], expected(secretsWhat))
      .prefault([])
      .meta({
        title: 'list or mapping',
        description:
          'Names of secrets that the service is given; the values are set with `berth secret set` and are never in this file.',
        samples: [['SESSION_SECRET'], { SESSION_SECRET: { as: 'file', generate: true } }],
      }),
    listen: wholeNumber('a port', { min: 1024, max: 65_535 })
      .optional()
      .meta({
        title: 'port',
        description:
          'Stable port of the service on 127.0.0.1, whatever happens to its instances. Default: one that Berth picks and keeps.',
        samples: [3030],
      }),
    needs: z
      .array(z.string(expected('the name of a service or store')), expected('a list of services and stores, such as [db]'))
      .prefault([])
      .meta({
        title: 'list of names',
        description: 'Services that must be healthy before this one starts, and stores that it uses.',
        samples: [['api', 'db']],
      }),
  },
  { image: 'container images', dockerfile: 'container images', metrics: 'scraping metrics of services' },
);

export const ServicePart = z.union(
  [command().transform((run) => ServiceMapping.parse({ run })), ServiceMapping],
  expected('a command, or a mapping with `run`'),
);

export type ServiceDraft = z.output<typeof ServicePart>;
export type HealthDraft = z.output<typeof HealthPart>;
