import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostRoutes } from '@berth/core';
import { hostsOf, urlsOf } from './edge-plan.ts';
import { defaultSettings } from './settings.ts';
import { manifestOf } from './testing/manifests.ts';

const host = (name: string, redirect: string | null = null): HostRoutes => ({
  host: name,
  redirect,
  headers: {},
  paths: redirect
    ? []
    : [{ path: '/', to: { kind: 'service', service: 'web' }, limit: null, maxBodyBytes: null, timeoutMs: null, headers: {} }],
});
const names = (hosts: HostRoutes[], domain: string) => hostsOf(manifestOf([], { routes: hosts }), domain).map((it) => it.host);

test('a relative host is below the platform’s domain', () => {
  assert.deepEqual(names([host('pad')], 'example.com'), ['pad.example.com']);
  assert.deepEqual(names([host('@')], 'example.com'), ['example.com']);
});
test('on a laptop an app with only a public name answers at a local one too, which is shown first', () => {
  assert.deepEqual(names([host('www.pad.io', 'pad.io'), host('pad.io')], 'localhost'), ['pad.localhost', 'www.pad.io', 'pad.io']);
});
test('an app with a local name gets no second one', () => {
  assert.deepEqual(names([host('notes'), host('pad.io')], 'localhost'), ['notes.localhost', 'pad.io']);
});
test('on a server only the names in the manifest answer', () => {
  assert.deepEqual(names([host('pad.io')], 'example.com'), ['pad.io']);
});
test('URLs leave out usual ports and redirects', () => {
  const manifest = manifestOf([], { routes: [host('pad'), host('www.pad', 'pad')] });
  assert.deepEqual(urlsOf(manifest, defaultSettings), ['https://pad.localhost:8443/']);
  assert.deepEqual(urlsOf(manifest, { ...defaultSettings, httpsPort: 443 }), ['https://pad.localhost/']);
  assert.deepEqual(urlsOf(manifest, { ...defaultSettings, httpsPort: null }), ['http://pad.localhost:8080/']);
});
