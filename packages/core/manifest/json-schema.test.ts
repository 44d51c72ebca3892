import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { exampleManifest } from './example.ts';
import { type JsonSchema, manifestJsonSchema } from './json-schema.ts';

/** As much of JSON Schema as the manifest's uses. Anything else in it makes the test fail, so that nothing is passed over. */
const isValid = (schema: JsonSchema | boolean, value: unknown): boolean => {
  if (typeof schema === 'boolean') return schema;
  return Object.entries(schema).every(([keyword, argument]) => {
    const rule = keywords[keyword];
    assert.ok(rule !== undefined, `the keyword ${keyword} is understood`);
    return rule(argument as never, value, schema);
  });
};

type Mapping = Record<string, unknown>;
const isMapping = (value: unknown): value is Mapping => typeof value === 'object' && value !== null && !Array.isArray(value);
const nothing = (): boolean => true;

const types: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: isMapping,
};

const keywords: Record<string, (argument: never, value: unknown, schema: JsonSchema) => boolean> = {
  $schema: nothing,
  title: nothing,
  description: nothing,
  default: nothing,
  examples: nothing,
  type: (type: string | string[], value) => [type].flat().some((name) => types[name]?.(value)),
  const: (wanted: unknown, value) => value === wanted,
  enum: (allowed: unknown[], value) => allowed.includes(value),
  pattern: (pattern: string, value) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value),
  minimum: (least: number, value) => typeof value !== 'number' || value >= least,
  maximum: (most: number, value) => typeof value !== 'number' || value <= most,
  items: (items: JsonSchema, value) => !Array.isArray(value) || value.every((item) => isValid(items, item)),
  anyOf: (forms: JsonSchema[], value) => forms.some((form) => isValid(form, value)),
  required: (names: string[], value) => !isMapping(value) || names.every((name) => Object.hasOwn(value, name)),
  propertyNames: (names: JsonSchema, value) => !isMapping(value) || Object.keys(value).every((name) => isValid(names, name)),
  properties: (properties: Record<string, JsonSchema>, value) =>
    !isMapping(value) ||
    Object.entries(properties).every(([key, part]) => !Object.hasOwn(value, key) || isValid(part, value[key])),
  patternProperties: (parts: Record<string, JsonSchema>, value) =>
    !isMapping(value) ||
    Object.entries(parts).every(([pattern, part]) =>
      Object.entries(value).every(([key, item]) => !new RegExp(pattern, 'u').test(key) || isValid(part, item)),
    ),
  additionalProperties: (rest: JsonSchema | boolean, value, schema) =>
    !isMapping(value) ||
    Object.entries(value).every(
      ([key, item]) =>
        Object.hasOwn(schema.properties ?? {}, key) ||
        Object.keys(schema.patternProperties ?? {}).some((pattern) => new RegExp(pattern, 'u').test(key)) ||
        isValid(rest, item),
    ),
};

const schema = manifestJsonSchema();

const cases: { name: string; text: string; valid: boolean }[] = [
  { name: 'the example of the reference', text: exampleManifest, valid: true },
  { name: 'the smallest manifest', text: 'app: x\nservices: { web: y }', valid: true },
  { name: 'a host in short', text: 'app: x\nroutes: { pad: web }', valid: true },
  {
    name: 'secrets in both forms',
    text: 'app: x\nservices: { a: { run: x, secrets: [A] }, b: { run: y, secrets: { A: { as: file } } } }',
    valid: true,
  },
  { name: 'a header that is left out', text: 'app: x\nroutes: { pad: { headers: { Server: null }, /: web } }', valid: true },
  { name: 'no name', text: 'services: { web: y }', valid: false },
  { name: 'a misspelt key', text: 'app: x\nservice: { web: y }', valid: false },
  { name: 'a misspelt key of a service', text: 'app: x\nservices: { web: { run: y, instnces: 2 } }', valid: false },
  { name: 'a misspelt option of a host', text: 'app: x\nroutes: { pad: { redirct: y } }', valid: false },
  { name: 'a path without its slash', text: 'app: x\nroutes: { pad: { api: web } }', valid: false },
  { name: 'a duration without unit', text: 'app: x\nservices: { web: { run: y, stop: { within: 30 } } }', valid: false },
  { name: 'too many instances', text: 'app: x\nservices: { web: { run: y, instances: 65 } }', valid: false },
  { name: 'an unknown switch', text: 'app: x\nservices: { web: { run: y, switch: blue } }', valid: false },
  { name: 'a store of a kind to come', text: 'app: x\nstores: { db: { postgres: 17 } }', valid: false },
  { name: 'a rehearsal each day', text: 'app: x\nstores: { db: { sqlite: x } }\nbackup: { drill: daily }', valid: true },
  { name: 'a rehearsal now and then', text: 'app: x\nstores: { db: { sqlite: x } }\nbackup: { drill: sometimes }', valid: false },
  { name: 'a service name with capitals', text: 'app: x\nservices: { Web: y }', valid: false },
];
for (const { name, text, valid } of cases) {
  test(`editors ${valid ? 'accept' : 'refuse'} ${name}`, () => assert.equal(isValid(schema, parse(text)), valid));
}
