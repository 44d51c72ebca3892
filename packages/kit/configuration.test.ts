import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  choice,
  ConfigurationError,
  describeConfiguration,
  type Environment,
  flag,
  integer,
  list,
  number,
  parseConfiguration,
  renderConfigurationTable,
  renderExampleFile,
  secret,
  text,
  url,
} from './index.ts';

const variables = {
  PORT: integer({ default: 3030, min: 1, max: 65_535, doc: 'HTTP port' }),
  BACKEND_LOG_LEVEL: choice(['debug', 'info'], { default: 'info', aliases: ['LOG_LEVEL'], doc: 'least level' }),
  WS_READ_TIMEOUT_MINUTES: number({ default: 30, min: 0, unit: 'minutes', production: 15.5, doc: 'idle | silent' }),
  ALLOWED_ORIGINS: list({
    default: [],
    doc: 'origins',
    each: (item) => (item.startsWith('https://') ? null : 'an https origin'),
  }),
  SESSION_SECRET: secret({ optional: true, minBytes: 8, doc: 'signs cookies' }),
  PUBLIC_URL: url({ optional: true, doc: 'where people find it' }),
  READ_ONLY: flag({ default: false, doc: 'no writes' }),
  TITLE: text({ default: 'Pad', keepEmpty: true, doc: 'shown name' }),
} as const;

const mistakesOf = (environment: Environment, options: { readFile?: (path: string) => string } = {}): ConfigurationError => {
  try {
    parseConfiguration(environment, variables, options);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

test('an empty environment gives the defaults, typed by the descriptions', () => {
  const { values, warnings } = parseConfiguration({}, variables);
  const level: 'debug' | 'info' = values.BACKEND_LOG_LEVEL;
  const key: string | null = values.SESSION_SECRET;
  const port: number = values.PORT;
  assert.deepEqual([level, key, port], ['info', null, 3030]);
  // @ts-expect-error an optional variable may be null
  const notNull: string = values.SESSION_SECRET;
  assert.equal(notNull, null);
  assert.deepEqual(
    { ...values },
    {
      PORT: 3030,
      BACKEND_LOG_LEVEL: 'info',
      WS_READ_TIMEOUT_MINUTES: 30,
      ALLOWED_ORIGINS: [],
      SESSION_SECRET: null,
      PUBLIC_URL: null,
      READ_ONLY: false,
      TITLE: 'Pad',
    },
  );
  assert.deepEqual(warnings, []);
  assert.ok(Object.isFrozen(values));
});

for (const [name, given, value] of [
  ['PORT', ' 80 ', 80],
  ['PORT', '   ', 3030],
  ['WS_READ_TIMEOUT_MINUTES', '0.5', 0.5],
  ['ALLOWED_ORIGINS', ' https://a , ,https://b,', ['https://a', 'https://b']],
  ['SESSION_SECRET', '12345678\n', '12345678'],
  ['SESSION_SECRET', 'äöüß', 'äöüß'],
  ['PUBLIC_URL', 'https://pad.example.com', 'https://pad.example.com'],
  ['READ_ONLY', 'YES', true],
  ['READ_ONLY', '0', false],
  ['TITLE', '', ''],
] as const)
  test(`${name}=${JSON.stringify(given)} is ${JSON.stringify(value)}`, () => {
    assert.deepEqual(parseConfiguration({ [name]: given }, variables).values[name], value);
  });

for (const given of [
  '12abc',
  '1e3',
  '-0',
  '0x10',
  '1.5',
  '+5',
  '007',
  '1_000',
  '٣',
  '0',
  '65536',
  '99999999999999999999',
  'NaN',
  '1 2',
])
  test(`PORT=${given} is refused`, () => {
    assert.deepEqual(mistakesOf({ PORT: given }).mistakes, [
      { name: 'PORT', given: JSON.stringify(given), expected: 'a whole number from 1 to 65535', default: '3030' },
    ]);
  });

for (const [name, given, expected] of [
  ['WS_READ_TIMEOUT_MINUTES', '-1', 'a number of minutes, at least 0'],
  ['WS_READ_TIMEOUT_MINUTES', '-0', 'a number of minutes, at least 0'],
  ['WS_READ_TIMEOUT_MINUTES', 'Infinity', 'a number of minutes, at least 0'],
  ['BACKEND_LOG_LEVEL', 'INFO', 'one of debug, info'],
  ['ALLOWED_ORIGINS', 'https://a,http://b', 'an https origin instead of "http://b"'],
  ['PUBLIC_URL', 'ftp://x', 'a URL that begins with http:// or https://'],
  ['PUBLIC_URL', 'example.com', 'a URL that begins with http:// or https://'],
  ['READ_ONLY', 'maybe', 'true or false'],
] as const)
  test(`${name}=${given} is refused with what is expected`, () => {
    assert.deepEqual(
      mistakesOf({ [name]: given }).mistakes.map((mistake) => mistake.expected),
      [expected],
    );
  });

test('all mistakes are named at once, on a line each', () => {
  const environment = { PORT: '80a', LOG_LEVEL: 'loud', SESSION_SECRET: 'short', READ_ONLY: '' };
  assert.equal(
    mistakesOf(environment).message,
    [
      '3 mistakes in the configuration:',
      '  PORT is "80a": expected a whole number from 1 to 65535; without it, the default is 3030',
      '  LOG_LEVEL is "loud": expected one of debug, info; without it, the default is info',
      '  SESSION_SECRET: expected a secret of at least 8 bytes',
    ].join('\n'),
  );
});

test('a variable without a default and not optional must be set', () => {
  assert.throws(() => parseConfiguration({ DOMAIN: ' ' }, { DOMAIN: text({ doc: 'd' }) }), /DOMAIN: expected text$/);
});

test('messages show no secret, no password in a URL, no control character and no novel', () => {
  const environment = {
    SESSION_SECRET: 'hunter2',
    PUBLIC_URL: 'ftp://me:hunter2@host',
    PORT: `\u001b[31m\u009b${'x'.repeat(500)}`,
  };
  const { message, mistakes } = mistakesOf(environment);
  assert.doesNotMatch(`${message}${JSON.stringify(mistakes)}`, /hunter2/);
  assert.doesNotMatch(message, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  assert.ok(message.split('\n').every((line) => line.length < 200));
});

test('names that objects have by nature are not variables', () => {
  assert.equal(parseConfiguration({}, { constructor: text({ default: 'none', doc: 'd' }) }).values.constructor, 'none');
});

test('an alias is read with a warning, and the canonical name wins over it', () => {
  const alias = parseConfiguration({ LOG_LEVEL: 'debug' }, variables);
  assert.equal(alias.values.BACKEND_LOG_LEVEL, 'debug');
  assert.deepEqual(alias.warnings, [{ name: 'LOG_LEVEL', message: 'LOG_LEVEL is read as BACKEND_LOG_LEVEL: please rename it' }]);
  const both = parseConfiguration({ LOG_LEVEL: 'debug', BACKEND_LOG_LEVEL: 'info' }, variables);
  assert.equal(both.values.BACKEND_LOG_LEVEL, 'info');
  assert.match(both.warnings[0]?.message ?? '', /LOG_LEVEL says something else than BACKEND_LOG_LEVEL/);
  assert.deepEqual(parseConfiguration({ LOG_LEVEL: 'info', BACKEND_LOG_LEVEL: 'info' }, variables).warnings, []);
});

test('a secret may come from a file, but not from two places', () => {
  const files: Record<string, string> = { '/run/key': 'from the file\n', '/run/empty': '\n', '/run/short': 'x' };
  const readFile = (path: string): string => {
    const content = files[path];
    if (content === undefined) throw new Error(`ENOENT: ${path}`);
    return content;
  };
  const { values } = parseConfiguration({ SESSION_SECRET_FILE: '/run/key' }, variables, { readFile });
  assert.equal(values.SESSION_SECRET, 'from the file');
  for (const [environment, expected] of [
    [{ SESSION_SECRET_FILE: '/run/key', SESSION_SECRET: '12345678' }, /only one of SESSION_SECRET and SESSION_SECRET_FILE/],
    [{ SESSION_SECRET_FILE: '/nowhere' }, /a file that can be read in SESSION_SECRET_FILE .*ENOENT/],
    [{ SESSION_SECRET_FILE: '/run/empty' }, /is empty/],
    [{ SESSION_SECRET_FILE: '/run/short' }, /at least 8 bytes/],
  ] as const)
    assert.match(mistakesOf(environment, { readFile }).message, expected);
  // Only secrets are read from files: PORT_FILE is nothing.
  assert.equal(parseConfiguration({ PORT_FILE: '/run/key' }, variables, { readFile }).values.PORT, 3030);
});

for (const [name, meant] of [
  ['ALLOWED_ORIGIN', 'ALLOWED_ORIGINS'],
  ['ALOWED_ORIGNIS', 'ALLOWED_ORIGINS'],
  ['allowed_origins', 'ALLOWED_ORIGINS'],
  ['READ_OLNY', 'READ_ONLY'],
  ['WS_READ_TIMEOUT', 'WS_READ_TIMEOUT_MINUTES'],
  ['WS_READ_TIMEOUT_SECONDS', 'WS_READ_TIMEOUT_MINUTES'],
  ['SESSION_SECRETS', 'SESSION_SECRET'],
  ['PATH', null],
  ['PORTS', null],
  ['HOME', null],
  ['SESSION_STORE', null],
  ['PUBLIC_ROOT', null],
  ['WS_READ_TIMEOUT_MINUTES_OF_THE_OLD_SERVER', null],
] as const)
  test(`the unknown variable ${name} ${meant === null ? 'is left in peace' : `is told apart from ${meant}`}`, () => {
    const { warnings } = parseConfiguration({ [name]: '1' }, variables);
    assert.deepEqual(warnings, meant === null ? [] : [{ name, message: `${name} is not a variable: did you mean ${meant}?` }]);
  });

test('a default that its own variable would refuse is a mistake of the program', () => {
  assert.throws(() => integer({ default: 0, min: 1, doc: 'd' }), TypeError);
  assert.throws(() => number({ default: 5, production: 50, max: 10, doc: 'd' }), TypeError);
});

test('the rows and the Markdown table say what each variable is', () => {
  assert.deepEqual(describeConfiguration(variables)[1], {
    name: 'BACKEND_LOG_LEVEL',
    type: 'one of debug, info',
    default: 'info',
    doc: 'least level',
    aliases: ['LOG_LEVEL'],
  });
  const table = renderConfigurationTable(variables).split('\n');
  assert.equal(table[0], '| Variable | Default | Type | Meaning |');
  assert.equal(table[3], '| `BACKEND_LOG_LEVEL` | `info` | one of debug, info | least level (also read as `LOG_LEVEL`) |');
  assert.equal(table[4], '| `WS_READ_TIMEOUT_MINUTES` | `30` | a number of minutes, at least 0 | idle \\| silent |');
  assert.equal(table[6], '| `SESSION_SECRET` | none | a secret of at least 8 bytes | signs cookies |');
});

test('the example file recommends what production needs, never shows a secret, and is itself accepted', () => {
  const file = renderExampleFile(variables, { SESSION_SECRET: 'hunter2hunter2', TITLE: 'say "hi" $HOME' });
  assert.doesNotMatch(file, /hunter2/);
  assert.match(file, /^# idle \| silent\n# a number of minutes, at least 0; default 30\nWS_READ_TIMEOUT_MINUTES=15\.5\n/m);
  assert.match(file, /^TITLE="say \\"hi\\" \\\$HOME"$/m);
  const lines = renderExampleFile(variables)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const environment = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  assert.equal(parseConfiguration(environment, variables).values.WS_READ_TIMEOUT_MINUTES, 15.5);
});
