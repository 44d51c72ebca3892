import * as z from 'zod';
import { BackupPart } from './schema-backup.ts';
import { HostPart } from './schema-route.ts';
import { ServicePart } from './schema-service.ts';
import { command, expected, mapping, NAME, record, relativePath, word } from './schema-parts.ts';

const appName = 'a name of 1 to 30 lower-case letters, digits and hyphens, beginning with a letter';

const ReleaseCommandPart = mapping('a command, or a mapping with `run` and `when`', {
  run: command().meta({
    description: 'Shell command, run in the release directory with the environment of the app.',
    samples: ['node migrate.ts'],
  }),
  when: z.enum(['before', 'held'], expected('`before` or `held`')).prefault('before').meta({
    description:
      '`before`: while the old release still serves. `held`: between the exit of the old instance and the start of the new one, while requests wait and nothing writes; needs a service with `switch: handover`.',
  }),
});

const wayUp = 'the way up to the top of the repository: `..`, `../..` and so on';

const SourcePart = mapping('a mapping with `root`, such as { root: ../.. }', {
  root: word(wayUp, /^(\.|\.\.(\/\.\.){0,15})\/?$/)
    .transform((path) => path.replace(/\/$/, ''))
    .meta({
      title: 'way up',
      description: 'The top of the repository, as seen from the directory of this file.',
      samples: ['../..'],
    }),
  include: z
    .array(
      relativePath('a file or directory below `root`, such as packages/kit'),
      expected('a list of files and directories, such as [package.json, packages/kit]'),
    )
    .optional()
    .meta({
      title: 'list of paths',
      description:
        'What the app needs of the repository beside its own directory, relative to `root`. A change of anything else builds nothing. Without this key it is the whole repository.',
      samples: [['package.json', 'package-lock.json', 'packages/kit']],
    }),
});

const storeKinds = 'a mapping with `sqlite` or `files`, such as { sqlite: app.db }';

const StorePart = mapping(
  storeKinds,
  {
    sqlite: relativePath()
      .optional()
      .meta({ title: 'file', description: 'An SQLite database, by the name of its file.', samples: ['kolabpad.db'] }),
    files: relativePath()
      .optional()
      .meta({ title: 'directory', description: 'A directory of files.', samples: ['uploads'] }),
  },
  { postgres: 'PostgreSQL stores', redis: 'Redis stores', objects: 'object storage' },
);

export const ManifestSchema = mapping(
  'a mapping of keys such as `app` and `services`',
  {
    app: word(appName, NAME).meta({
      title: 'name',
      description: 'The name of the app, unique on its platform. It is in host names, paths and the names of its instances.',
      samples: ['kolabpad'],
    }),
    source: SourcePart.optional().meta({
      title: 'mapping',
      description: 'For an app that is part of a larger repository, what of it belongs to its source.',
      samples: [{ root: '../..', include: ['package.json', 'package-lock.json', 'packages/kit'] }],
    }),
    build: command()
      .optional()
      .meta({
        description: 'Shell command that makes a release from a clean copy of the source. The same source is never built twice.',
        samples: ['npm ci && npm run build'],
      }),
    release: z
      .union(
        [command().transform((run) => ({ run, when: 'before' as const })), ReleaseCommandPart],
        expected('a command, or a mapping with `run` and `when`'),
      )
      .optional()
      .meta({
        title: 'command or mapping',
        description: 'Shell command run once per release, before it serves: migrations, as a rule.',
        samples: ['node migrate.ts', { run: 'node migrate.ts', when: 'held' }],
      }),
    services: record(
      'a mapping of service names to what they run, such as { web: node server.ts }',
      word('a service name of lower-case letters, digits and hyphens, beginning with a letter, at most 30 long', NAME),
      ServicePart,
    )
      .prefault({})
      .meta({ title: 'mapping', description: 'The programs of the app, by name.', samples: [{ web: 'node server/main.ts' }] }),
    routes: record('a mapping of host names to what they answer', z.string(), HostPart)
      .optional()
      .meta({
        title: 'mapping',
        description:
          'What answers requests, by host name. Without this key the service `web`, or the only service, answers at the name of the app; `routes: {}` keeps an app off the network.',
        samples: [{ 'pad.example.com': 'web' }],
      }),
    stores: record(
      'a mapping of store names to stores, such as { db: { sqlite: app.db } }',
      word('a store name of lower-case letters, digits and hyphens, beginning with a letter, at most 30 long', NAME),
      StorePart,
    )
      .prefault({})
      .meta({
        title: 'mapping',
        description:
          'Data that the app owns and that outlives every release. The path of the store `db` is in the variable STORE_DB.',
        samples: [{ db: { sqlite: 'kolabpad.db' }, uploads: { files: 'uploads' } }],
      }),
    backup: BackupPart.optional().meta({
      title: 'mapping',
      description:
        'How long the data of the stores can be brought back, and how often that is rehearsed. Stores are backed up without this key too.',
      samples: [{ keep: '90d', drill: 'daily', check: 'node check-data.ts' }],
    }),
  },
  {
    jobs: 'scheduled jobs',
    probes: 'uptime probes',
    alerts: 'alerts',
    dashboards: 'dashboards',
    env: 'an environment for all services (write `env` under each service)',
    image: 'container images',
    dockerfile: 'container images',
  },
);

/** A manifest as written, with defaults filled in and quantities read, before it is checked as a whole. */
export type Draft = z.output<typeof ManifestSchema>;
