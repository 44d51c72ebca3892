import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleManifest } from './example.ts';
import type { Manifest } from './model.ts';
import { resolveHost } from './names.ts';
import { parseManifest } from './parse.ts';
import { renderProblems } from './problem.ts';
import { resolveTemplate, type TemplateContext } from './template.ts';

/** mulberry32: the same seed gives the same manifests, so that a failure can be had again. */
const createRandom = (seed: number) => {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  return { below, pick };
};
type Random = ReturnType<typeof createRandom>;

/** Everything that a manifest promises whatever its text: a result, problems inside the text, and an unharmed runtime. */
const assertSound = (text: string): void => {
  const result = parseManifest(text, { file: 'berth.yaml' });
  const problems = result.ok ? result.warnings : result.problems;
  assert.ok(result.ok || problems.length > 0, 'refused without a reason');
  const lines = text.split('\n');
  for (const problem of problems) {
    const line = lines[problem.line - 1];
    assert.ok(line !== undefined, `line ${problem.line} of ${lines.length}: ${problem.message}`);
    assert.ok(
      problem.column >= 1 && problem.column <= line.length + 1,
      `column ${problem.column} of "${line}": ${problem.message}`,
    );
    assert.ok(
      problem.message !== '' && !/undefined|\[object|NaN|Invalid input/.test(problem.message.replace(/`[^`]*`/g, '')),
      problem.message,
    );
  }
  assert.equal(typeof renderProblems(text, problems), 'string');
  if (result.ok) assertUsable(result.manifest);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
};

/** Whatever was accepted keeps its own promises: nobody checks it again. */
const assertUsable = (manifest: Manifest): void => {
  const services = manifest.services.map(({ name }) => name);
  const stores = new Map(manifest.stores.map((store) => [store.name, store.kind]));
  const answers = manifest.routes.some(({ redirect }) => redirect === null);
  const context: TemplateContext = {
    app: { name: manifest.app, url: answers ? 'https://x' : null, domain: answers ? 'x' : null },
    release: { number: 1 },
    stores: Object.fromEntries(manifest.stores.map(({ name, kind }) => [name, { kind, path: `/srv/${name}` }])),
    services: Object.fromEntries(
      manifest.services.filter(({ networked }) => networked).map(({ name }) => [name, { port: 2000 }]),
    ),
  };
  for (const [at, service] of manifest.services.entries()) {
    for (const value of Object.values(service.env)) resolveTemplate(value, context);
    for (const need of service.needs)
      assert.ok(services.indexOf(need) < at && services.includes(need), `${service.name} starts after ${need}`);
    assert.ok(service.switch === 'rolling' || service.instances === 1);
    assert.ok(service.networked || service.health.check.kind === 'alive' || service.health.check.kind === 'command');
  }
  const { keepMs, filesEveryMs, drillEveryMs, check } = manifest.backup;
  assert.ok(keepMs >= 86_400_000 && filesEveryMs >= 300_000 && (drillEveryMs ?? 3_600_000) >= 3_600_000 && check !== '');
  for (const { host, redirect, paths } of manifest.routes) {
    assert.match(resolveHost(host, 'example.com'), /^[a-z0-9.-]+$/);
    assert.equal(redirect === null, paths.length > 0);
    for (const { to } of paths) {
      if (to.kind === 'service') assert.ok(services.includes(to.service), to.service);
      if (to.kind === 'files') assert.ok(!to.root.directory.split('/').includes('..') && !to.root.directory.startsWith('/'));
      if (to.kind === 'files' && to.root.from === 'store') assert.equal(stores.get(to.root.store), 'files');
    }
  }
};

const many = (name: string, count: number, make: (random: Random) => string): void => {
  test(name, () => {
    for (let seed = 1; seed <= count; seed++) {
      const text = make(createRandom(seed));
      try {
        assertSound(text);
      } catch (cause) {
        throw new Error(`seed ${seed} made\n${text.slice(0, 2_000)}`, { cause });
      }
    }
  });
};

const bytes = '\0\t\n\r :-[]{}#&*!|>\'"%@`,?$~\\/.0a\u00e9\u2028\ud800\ufeff'.split('');

many('changing single characters never breaks the parser', 1_000, (random) => {
  let text = exampleManifest;
  for (let change = random.below(6) + 1; change > 0; change--) {
    const at = random.below(text.length);
    text = text.slice(0, at) + random.pick([random.pick(bytes), '']) + text.slice(at + random.below(3));
  }
  return text;
});

many('moving, doubling and dropping lines never breaks the parser', 1_000, (random) => {
  const lines = exampleManifest.split('\n');
  for (let change = random.below(6) + 1; change > 0; change--) {
    const [line = ''] = lines.splice(random.below(lines.length), random.below(3));
    if (random.below(2) === 0) lines.splice(random.below(lines.length), 0, ' '.repeat(random.below(6)) + line.trim());
  }
  return lines.join(random.pick(['\n', '\n', '\r\n']));
});

const oddValues = [
  '',
  '~',
  '""',
  '[]',
  '{}',
  '[a, b]',
  '{ a: b }',
  '-1',
  '0',
  '1e309',
  '.inf',
  '.nan',
  '0x7fffffffffffffff',
  '9'.repeat(400),
  '1.10',
  'true',
  'soon',
  '30',
  '30s',
  '9999999999999y',
  '512',
  '1e3MB',
  '"\\0"',
  '"\\u2028"',
  '*a',
  '&a x',
  '!!binary aGk=',
  '!!set { a }',
  '!x y',
  '<<',
  '__proto__',
  '${',
  '${}',
  '"${stores.__proto__}"',
  '"${services.constructor.url}"',
  '"$${x}"',
  '"${app.url}"',
  'constructor',
  'toString',
  '| \n    a\n    b',
  '> ',
  '../..',
  '/',
  '"@"',
  'http://[::1',
  'xn--',
  'ünïcode',
  'a'.repeat(5_000),
  '2001-01-01',
  'yes',
  '[[[[[[[[]]]]]]]]',
  '{ __proto__: { polluted: 1 } }',
  '{ constructor: x }',
  '{ to: web, files: x, redirect: y }',
  '{ <<: *a }',
  '? a',
  '- a',
];

many('putting odd values in the place of good ones never breaks the parser', 1_200, (random) => {
  let text = exampleManifest;
  for (let change = random.below(3) + 1; change > 0; change--) {
    const values = [...text.matchAll(/(?<=: |\[)[^\s,{}[\]#][^,{}\]\n#]*/g)];
    const value = random.pick(values);
    text = text.slice(0, value.index) + random.pick(oddValues) + text.slice(value.index + value[0].length);
  }
  return text;
});

const keys = [
  'app',
  'build',
  'release',
  'services',
  'routes',
  'stores',
  'web',
  'api',
  'run',
  'when',
  'instances',
  'switch',
  'health',
  'path',
  'tcp',
  'command',
  'every',
  'stop',
  'signal',
  'within',
  'limits',
  'memory',
  'cpu',
  'files',
  'env',
  'secrets',
  'as',
  'generate',
  'listen',
  'needs',
  '"@"',
  'pad.example.com',
  '/',
  '/a/',
  'to',
  'redirect',
  'status',
  'cache',
  'limit',
  'rate',
  'burst',
  'body',
  'timeout',
  'headers',
  'sqlite',
  'backup',
  'keep',
  'drill',
  'check',
  '__proto__',
  'constructor',
  '"a\\nb"',
  '1',
  '? [x]',
];

const randomValue = (random: Random, depth: number): string => {
  const kind = random.below(depth > 5 ? 1 : 3);
  if (kind === 0)
    return (
      random
        .pick([...oddValues, 'web', 'node x.ts', '5s', '5/min', '512MB', 'handover', 'held', '"${stores.db}"'])
        .split('\n')[0] ?? ''
    );
  const items = Array.from({ length: random.below(5) }, () => randomValue(random, depth + 1));
  return kind === 1 ? `[${items.join(', ')}]` : `{ ${items.map((item) => `${random.pick(keys)}: ${item}`).join(', ')} }`;
};

many('a mapping of anything under any key never breaks the parser', 1_200, (random) =>
  Array.from({ length: random.below(6) + 1 }, () => `${random.pick(keys)}: ${randomValue(random, 0)}`).join('\n'),
);

const hostile: { name: string; text: string }[] = [
  { name: 'nothing', text: '' },
  { name: 'only a comment', text: '# nothing\n' },
  { name: 'a hundred thousand brackets', text: '['.repeat(100_000) },
  { name: 'a hundred thousand braces', text: '{a: '.repeat(25_000) },
  { name: 'a list in a list, without end', text: '- '.repeat(60_000) },
  { name: 'complex keys without end', text: '? '.repeat(60_000) },
  {
    name: 'mappings nested by indentation',
    text: Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  },
  { name: 'documents without end', text: '---\n'.repeat(50_000) },
  { name: 'errors without end', text: '}'.repeat(200_000) },
  { name: 'a file of 2 MB', text: `app: ${'a'.repeat(2_000_000)}` },
  {
    name: 'a file of just under the limit',
    text: `app: x\nservices:\n  web:\n    run: x\n    env:\n${'      A: 1\n'.repeat(23_000)}`,
  },
  {
    name: 'a billion laughs',
    text: `a: &a [lol]\n${'bcdefghij'
      .split('')
      .map((name, at) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[at]}`).join(', ')}]`)
      .join('\n')}`,
  },
  { name: 'an alias of itself', text: 'app: &x\n  y: *x' },
  { name: 'a prototype', text: '__proto__: { polluted: true }\nservices: { __proto__: { polluted: true }, constructor: x }\n' },
  { name: 'a lone surrogate', text: 'app: "\ud800"\nservices: { web: "\ud800" }' },
  { name: 'a byte order mark', text: '\ufeffapp: x\nservices: { web: y }\n' },
  { name: 'an old YAML version', text: '%YAML 1.1\n---\napp: yes\nservices: { web: y }\n' },
];

for (const { name, text } of hostile) {
  test(`survives ${name}, in well under five seconds`, () => {
    const started = performance.now();
    assertSound(text);
    assert.ok(performance.now() - started < 5_000);
  });
}
