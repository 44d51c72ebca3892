import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BerthError } from '../errors.ts';
import { checkTemplate, resolveTemplate, type TemplateContext } from './template.ts';

const context: TemplateContext = {
  app: { name: 'pad', url: 'https://pad.localhost:8443', domain: 'pad.localhost' },
  release: { number: 12 },
  stores: { db: { kind: 'sqlite', path: '/srv/my data/pad.db' }, uploads: { kind: 'files', path: '/srv/uploads' } },
  services: { api: { port: 21_002 } },
};

const values: [text: string, value: string][] = [
  ['plain', 'plain'],
  ['', ''],
  ['${stores.db}', '/srv/my data/pad.db'],
  ['${stores.db.path}', '/srv/my data/pad.db'],
  ['${stores.db.url}', 'sqlite:///srv/my%20data/pad.db'],
  ['${stores.uploads.url}', 'file:///srv/uploads'],
  ['${services.api.url}/v1', 'http://127.0.0.1:21002/v1'],
  ['${services.api.host}:${services.api.port}', '127.0.0.1:21002'],
  ['${app.name} ${app.url} ${app.domain} ${release.number}', 'pad https://pad.localhost:8443 pad.localhost 12'],
  ['${ app.name }', 'pad'],
  ['$$', '$'],
  ['$${app.name}', '${app.name}'],
  ['$$${app.name}', '$pad'],
  ['costs $5 and $x', 'costs $5 and $x'],
  ['$', '$'],
];
for (const [text, value] of values)
  test(`"${text}" becomes "${value}"`, () => assert.equal(resolveTemplate(text, context), value));

for (const text of ['${nothing}', '${stores.other}', '${app.name', '${}', '${stores.constructor}', '${__proto__}']) {
  test(`"${text}" cannot be resolved, and says so`, () => {
    assert.throws(
      () => resolveTemplate(text, context),
      (thrown) => thrown instanceof BerthError && thrown.code === 'MANIFEST_REFERENCE_UNKNOWN',
    );
  });
}

test('the URL of an app without routes cannot be resolved', () => {
  const routeless = { ...context, app: { name: 'pad', url: null, domain: null } };
  assert.throws(() => resolveTemplate('${app.url}', routeless), /stands for nothing/);
});

const names = { stores: ['db', 'uploads'], services: ['api'], hasRoutes: true };
for (const [text] of values) test(`"${text}" is free of mistakes`, () => assert.deepEqual(checkTemplate(text, names), []));

const mistakes: { text: string; part: string; suggestion: RegExp }[] = [
  { text: 'a ${stores.bd.path}', part: '${stores.bd.path}', suggestion: /`stores\.db\.path`/ },
  { text: '${store.db}', part: '${store.db}', suggestion: /`stores\.db`/ },
  { text: '${services.api}', part: '${services.api}', suggestion: /`services\.api\.url`|known:/ },
  { text: '${HOME}', part: '${HOME}', suggestion: /write \$\$\{HOME\}/ },
  { text: '${app.name', part: '${app.name', suggestion: /write \$\$/ },
  { text: '${secrets.KEY}', part: '${secrets.KEY}', suggestion: /secrets:/ },
  { text: '${stores.__proto__.path}', part: '${stores.__proto__.path}', suggestion: /./ },
];
for (const { text, part, suggestion } of mistakes) {
  test(`"${text}" has a mistake in ${part}`, () => {
    const [mistake, second] = checkTemplate(text, names);
    assert.equal(mistake?.text, part);
    assert.match(mistake?.suggestion ?? '', suggestion);
    assert.equal(second, undefined);
  });
}

test('an app without routes has no URL to refer to', () => {
  assert.match(checkTemplate('${app.url}', { ...names, hasRoutes: false })[0]?.message ?? '', /no host of this app answers/);
});
