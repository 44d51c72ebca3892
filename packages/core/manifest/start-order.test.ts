import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCycles, startOrder } from './start-order.ts';

const needs = (of: Record<string, string[]>) => new Map(Object.entries(of));

const orders: { name: string; of: Record<string, string[]>; order: string[] }[] = [
  { name: 'nothing', of: {}, order: [] },
  { name: 'services without needs keep their order', of: { b: [], a: [] }, order: ['b', 'a'] },
  {
    name: 'a service comes after what it needs',
    of: { web: ['api'], api: ['queue'], queue: [] },
    order: ['queue', 'api', 'web'],
  },
  { name: 'a shared need comes once', of: { a: ['c'], b: ['c'], c: [] }, order: ['c', 'a', 'b'] },
  { name: 'stores do not count', of: { web: ['db'] }, order: ['web'] },
];
for (const { name, of, order } of orders) test(`start order: ${name}`, () => assert.deepEqual(startOrder(needs(of)), order));

const circles: { name: string; of: Record<string, string[]>; cycles: string[][] }[] = [
  { name: 'none', of: { a: ['b'], b: [] }, cycles: [] },
  { name: 'a diamond is none', of: { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, cycles: [] },
  { name: 'of one', of: { a: ['a'] }, cycles: [['a']] },
  { name: 'of three, reached from outside', of: { x: ['a'], a: ['b'], b: ['c'], c: ['a'] }, cycles: [['a', 'b', 'c']] },
  {
    name: 'two apart',
    of: { a: ['b'], b: ['a'], c: ['d'], d: ['c'] },
    cycles: [
      ['a', 'b'],
      ['c', 'd'],
    ],
  },
];
for (const { name, of, cycles } of circles) test(`circles: ${name}`, () => assert.deepEqual(findCycles(needs(of)), cycles));
