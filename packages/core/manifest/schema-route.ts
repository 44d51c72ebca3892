import * as z from 'zod';
import { duration, expected, mapping, mappings, rate, record, scalar, size, wholeNumber, word } from './schema-parts.ts';

const YEAR_MS = 31_536_000_000;
const HOUR_MS = 3_600_000;

const headerName = word('a header name such as X-Frame-Options', /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/);

const Headers = record(
  'a mapping of header names to values',
  headerName,
  scalar('text, or null to leave out one of the default headers').nullable(),
).prefault({});

const LimitPart = mapping('a rate such as 5/min, or a mapping with `rate` and `burst`', {
  rate: rate().meta({
    title: 'rate',
    description: 'Requests over time, per client address: `5/min`, `10/s`, `100/h`, `30/10s`.',
    samples: ['5/min'],
  }),
  burst: wholeNumber('a number of requests', { min: 1, max: 1_000_000 })
    .optional()
    .meta({ title: 'number', description: 'Requests allowed at once. Default: the number in `rate`.', samples: [5] }),
});

const CACHE = '`immutable`, `none`, or a duration such as 30d';
const cacheAge = duration({ min: 1_000, max: 10 * YEAR_MS }, '30d or 1y').transform((ms) => ({
  kind: 'age' as const,
  seconds: Math.round(ms / 1000),
}));

const FILES = 'a directory such as dist/assets, or a store such as ${stores.uploads}';
const LOCATION = 'a URL such as https://example.com/new, or a path such as /new';

const PathMapping = mapping(
  'a service name, or a mapping with `to`, `files` or `redirect`',
  {
    to: z
      .string(expected('the name of a service'))
      .optional()
      .meta({ title: 'service', description: 'The service that answers.', samples: ['web'] }),
    files: word(FILES, /^(\$\{[^}]*\}(\/.*)?|(?!\/)[^$]*)$/)
      .refine(
        (text) => !/(^|\/)\.\.(\/|$)|[\0-\x1f\x7f\\"'`]/.test(text) && text.trim() !== '',
        expected(`${FILES} (without \`..\`)`),
      )
      .optional()
      .meta({
        title: 'directory',
        description: 'Files that the edge serves by itself: a directory of the release, or a store and a directory in it.',
        samples: ['dist/assets', '${stores.uploads}/public'],
      }),
    redirect: word(LOCATION, /^(https?:\/\/[A-Za-z0-9]|\/)[A-Za-z0-9/._~!$&()*+,;=:@%?#-]*$/)
      .optional()
      .meta({ title: 'URL', description: 'Requests are sent there.', samples: ['https://example.com/new'] }),
    status: z
      .literal([301, 302, 307, 308], expected('301, 302, 307 or 308'))
      .optional()
      .meta({ title: '301, 302, 307, 308', description: 'Status of the redirect. Default: 308.', samples: [302] }),
    cache: z
      .union(
        [
          z.literal('immutable').transform(() => ({ kind: 'immutable' as const })),
          z.literal('none').transform(() => ({ kind: 'none' as const })),
          cacheAge,
        ],
        expected(CACHE),
      )
      .optional()
      .meta({
        title: 'immutable, none, duration',
        description:
          'How long browsers keep files. `immutable`: for ever, for names that carry a hash. `none`: they ask each time, and are told when nothing changed. Default: `none`.',
        samples: ['immutable', '30d'],
      }),
    limit: z
      .union(
        [rate().transform((parsed) => ({ rate: parsed, burst: undefined })), LimitPart],
        expected('a rate such as 5/min, or a mapping with `rate` and `burst`'),
      )
      .optional()
      .meta({
        title: 'rate or mapping',
        description: 'Requests that one client address may make; more get status 429.',
        samples: ['10/s', { rate: '5/min', burst: 5 }],
      }),
    body: size({ min: 1, max: 1e12 }, '20MB')
      .optional()
      .meta({ title: 'size', description: 'Largest request body; larger ones get status 413.', samples: ['20MB'] }),
    timeout: duration({ min: 1_000, max: 24 * HOUR_MS })
      .optional()
      .meta({
        title: 'duration',
        description: 'Longest wait for an answer of the service; then the client gets status 504.',
        samples: ['5m'],
      }),
    headers: Headers.meta({
      title: 'mapping',
      description: 'Response headers to set, on top of those of the host; null leaves out one of the defaults.',
      samples: [{ 'X-Frame-Options': null }],
    }),
  },
  { auth: 'passwords on routes', allow: 'allow-lists', strip: 'rewriting paths' },
);

const PathPart = z.union(
  [z.string().transform((to) => PathMapping.parse({ to })), PathMapping],
  expected('a service name, or a mapping with `to`, `files` or `redirect`'),
);

const hostWhat = 'a service name, or a mapping of paths such as { /: web }';

/** Keys beginning with "/" are paths; which others there are is checked before this schema sees them. */
const HostMapping = z
  .object(
    {
      redirect: z
        .string(expected('a host name such as pad.example.com'))
        .optional()
        .meta({
          title: 'host',
          description: 'The whole host redirects to this one; path and query are kept (status 308).',
          samples: ['pad.example.com'],
        }),
      headers: Headers.meta({
        title: 'mapping',
        description: 'Response headers to set for every path; null leaves out one of the defaults.',
        samples: [{ 'Content-Security-Policy': "default-src 'self'" }],
      }),
    },
    expected(hostWhat),
  )
  .catchall(PathPart);
HostMapping.register(mappings, { what: hostWhat, later: {} });

export const hostKeys: readonly string[] = Object.keys(HostMapping.shape);
export const pathKeys: readonly string[] = Object.keys(PathMapping.shape);
export { HostMapping };

export const HostPart = z.union(
  [
    z.string().transform((to) => ({ redirect: undefined, headers: {}, paths: { '/': PathMapping.parse({ to }) } })),
    HostMapping.transform(({ redirect, headers, ...paths }) => ({
      redirect,
      headers,
      paths: paths as Record<string, PathDraft>,
    })),
  ],
  expected(hostWhat),
);

export type PathDraft = z.output<typeof PathMapping>;
export type HostDraft = z.output<typeof HostPart>;
