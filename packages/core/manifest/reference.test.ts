import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exampleManifest } from './example.ts';
import { type JsonSchema, laterKeys, manifestJsonSchema } from './json-schema.ts';
import { problemsOf } from './expectations.ts';
import { renderManifestReference } from './reference.ts';

const docs = join(import.meta.dirname, '../../../docs');
const stale = 'out of date: run `node tools/generate-manifest-docs.ts`';

test('docs/manifest.md is what the schema says', () => {
  assert.equal(readFileSync(join(docs, 'manifest.md'), 'utf8'), renderManifestReference(), stale);
});

test('docs/manifest.schema.json is what the schema says', () => {
  assert.deepEqual(JSON.parse(readFileSync(join(docs, 'manifest.schema.json'), 'utf8')), manifestJsonSchema(), stale);
});

/** Every key of every mapping, with the way to it. */
const keysOf = (schema: JsonSchema, at = ''): { at: string; key: string; schema: JsonSchema }[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [
    { at: `${at}${key}`, key, schema: value },
    ...keysOf(value, `${at}${key}.`),
  ]),
  ...Object.values(schema.patternProperties ?? {}).flatMap((value) => keysOf(value, `${at}*.`)),
  ...(schema.anyOf ?? []).flatMap((form) => keysOf(form, at)),
  ...(typeof schema.additionalProperties === 'object' ? keysOf(schema.additionalProperties, `${at}*.`) : []),
];

const keys = keysOf(manifestJsonSchema());

test('the schema describes every key, gives its type a name, and has an example where one is needed', () => {
  assert.ok(keys.length > 45, `${keys.length} keys`);
  for (const { at, schema } of keys) {
    assert.ok((schema.description ?? '').length > 10, `${at} has a description`);
    assert.ok(schema.title !== undefined || schema.enum !== undefined, `${at} has a title`);
    assert.ok(schema.examples !== undefined || schema.enum !== undefined || schema.const === true, `${at} has an example`);
  }
});

test('the reference has a row for every key', () => {
  const reference = renderManifestReference();
  for (const { at, key, schema } of keys) {
    assert.ok(reference.includes(`| \`${key}\` |`), at);
    assert.ok(reference.includes((schema.description ?? '').replaceAll('|', '\\|')), at);
  }
});

test('the reference says what is still to come', () => {
  const later = laterKeys().map(([key]) => key);
  for (const key of [
    'jobs',
    'probes',
    'alerts',
    'dashboards',
    'image',
    'dockerfile',
    'metrics',
    'postgres',
    'redis',
    'objects',
  ]) {
    assert.ok(later.includes(key), key);
  }
});

/** A manifest with one example in its place. JSON is YAML. */
const manifestWith = (at: string, example: unknown): string => {
  const path = at.split('.');
  const [top, ...rest] = path;
  const around: Record<string, unknown> = {
    app: 'x',
    services: { web: { run: 'x', switch: at === 'services.*.instances' ? 'rolling' : 'handover' }, api: 'y' },
    stores: { db: { sqlite: 'x.db' }, uploads: { files: 'up' } },
  };
  const nest = (keysLeft: readonly string[], value: unknown): unknown => {
    const [key, ...others] = keysLeft;
    return key === undefined ? value : { [key]: nest(others, value) };
  };
  const names: Record<string, string[]> = { services: ['web'], routes: ['pad', '/'], stores: ['db'] };
  const stars = [...(names[top ?? ''] ?? [])];
  const named = rest.map((segment) => (segment === '*' ? (stars.shift() ?? 'NAME') : segment));
  const merge = (into: unknown, from: unknown): unknown =>
    typeof into === 'object' && into !== null && typeof from === 'object' && from !== null && !Array.isArray(from)
      ? Object.fromEntries(
          [...new Set([...Object.keys(into), ...Object.keys(from)])].map((key) => {
            const [a, b] = [(into as Record<string, unknown>)[key], (from as Record<string, unknown>)[key]];
            return [key, b === undefined ? a : a === undefined ? b : merge(a, b)];
          }),
        )
      : from;
  return JSON.stringify({ ...around, [top ?? '']: merge(around[top ?? ''], nest(named, example)) });
};

/** What an example needs beside it to be a manifest. */
const beside: Record<string, (text: string) => string> = {
  'source.include': (text) => text.replace('"include"', '"root":"..","include"'),
  'routes.*.*.status': (text) => text.replace('"status"', '"redirect":"/x","status"'),
  'routes.*.*.cache': (text) => text.replace('"cache"', '"files":"x","cache"'),
  'routes.*.*.limit': (text) => text.replace('"limit"', '"to":"web","limit"'),
  'routes.*.*.body': (text) => text.replace('"body"', '"to":"web","body"'),
  'routes.*.*.timeout': (text) => text.replace('"timeout"', '"to":"web","timeout"'),
  'routes.*.*.headers': (text) => text.replace('"headers"', '"to":"web","headers"'),
  'routes.*.headers': (text) => text.replace('"headers"', '"/":"web","headers"'),
  'routes.*.*.limit.rate': (text) => text.replace('"limit"', '"to":"web","limit"'),
  'routes.*.*.limit.burst': (text) => text.replace('"limit"', '"to":"web","limit"').replace('"burst"', '"rate":"1/s","burst"'),
  'stores.*.files': (text) => text.replace('"sqlite":"x.db",', '').replace('"uploads":{"files":"up"}', '"other":{"files":"up"}'),
};

for (const { at, schema } of keys) {
  for (const example of schema.examples ?? []) {
    test(`the example of ${at}, ${JSON.stringify(example)}, is accepted`, () => {
      const text = (beside[at] ?? ((same: string) => same))(manifestWith(at, example));
      assert.deepEqual(problemsOf(text), [], text);
    });
  }
}

test('the reference shows the example that other tests read', () =>
  assert.ok(renderManifestReference().includes(exampleManifest)));
