import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contract } from './contract.ts';
import { renderOpenApi } from './openapi.ts';

type Document = {
  paths: Record<string, Record<string, { operationId: string; parameters: { name: string; in: string; required: boolean }[] }>>;
  components: { schemas: Record<string, unknown> };
};

const document = renderOpenApi('1.2.3') as unknown as Document;
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

test('every route of the contract is described once', () => {
  assert.deepEqual(operations.map(({ operationId }) => operationId).sort(), Object.keys(contract).sort());
});

test('every reference leads to a schema', () => {
  const found = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target = '']) => target);
  assert.ok(found.length > 20);
  for (const target of found) {
    assert.match(target, /^#\/components\/schemas\/\w+$/);
    assert.ok(document.components.schemas[target.slice('#/components/schemas/'.length)], target);
  }
});

test('every parameter of a path is described and required', () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters } of Object.values(methods)) {
      assert.deepEqual(
        parameters.filter((one) => one.in === 'path').map(({ name }) => name),
        named,
        path,
      );
      assert.ok(
        parameters.filter((one) => one.in === 'path').every(({ required }) => required),
        path,
      );
    }
  }
});

test('switches and filters of a query may be left out', () => {
  const logs = document.paths['/v1/apps/{app}/logs']?.get;
  assert.deepEqual(
    logs?.parameters.filter((one) => one.in === 'query' && one.required),
    [],
  );
});
