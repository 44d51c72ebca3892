import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MalformedMessage, parseClientMessage } from './client-message.ts';

const understood: readonly { readonly name: string; readonly frame: string; readonly message: unknown }[] = [
  {
    name: 'an edit of the original protocol',
    frame: '{"Edit":{"revision":42,"operation":[10,"hi",-3,5]}}',
    message: { kind: 'Edit', revision: 42, operation: [10, 'hi', -3, 5], sequence: null },
  },
  {
    name: 'an edit with its sequence',
    frame: '{"Edit":{"revision":0,"operation":["a"],"sequence":7}}',
    message: { kind: 'Edit', revision: 0, operation: ['a'], sequence: 7 },
  },
  {
    name: 'a lone surrogate, which becomes U+FFFD',
    frame: '{"Edit":{"revision":0,"operation":["\\ud800"]}}',
    message: { kind: 'Edit', revision: 0, operation: ['\uFFFD'], sequence: null },
  },
  { name: 'a language', frame: '{"SetLanguage":"python"}', message: { kind: 'SetLanguage', language: 'python' } },
  {
    name: 'a name and a colour',
    frame: '{"ClientInfo":{"name":"Alice","hue":180,"admin":true}}',
    message: { kind: 'ClientInfo', info: { name: 'Alice', hue: 180 } },
  },
  {
    name: 'cursors without selections, which are none',
    frame: '{"CursorData":{"cursors":[42],"selections":null}}',
    message: { kind: 'CursorData', data: { cursors: [42], selections: [] } },
  },
  {
    name: 'several keys, of which the first of the original counts',
    frame: '{"CursorData":{"cursors":[]},"SetLanguage":"go"}',
    message: { kind: 'SetLanguage', language: 'go' },
  },
  { name: 'a message of no known kind, which is ignored', frame: '{"Unknown":1}', message: null },
  {
    name: 'more cursors than anybody shows, of which some are left out',
    frame: JSON.stringify({ CursorData: { cursors: Array.from({ length: 1_001 }, () => 1) } }),
    message: { kind: 'CursorData', data: { cursors: Array.from({ length: 1_000 }, () => 1), selections: [] } },
  },
  {
    name: 'a language of any length, which is cut',
    frame: JSON.stringify({ SetLanguage: 'x'.repeat(200) }),
    message: { kind: 'SetLanguage', language: 'x'.repeat(100) },
  },
  { name: 'a sign of life', frame: '{"Ping":3}', message: { kind: 'Ping', ping: 3 } },
];

for (const { name, frame, message } of understood)
  test(`a client may send ${name}`, () => assert.deepEqual(parseClientMessage(frame), message));

const refused: readonly string[] = [
  'not json',
  '[]',
  'null',
  '3',
  '{"Edit":{"operation":["a"]}}',
  '{"Edit":{"revision":1.5,"operation":["a"]}}',
  '{"Edit":{"revision":"1","operation":["a"]}}',
  '{"Edit":{"revision":0}}',
  '{"Edit":{"revision":0,"operation":[null]}}',
  '{"Edit":{"revision":0,"operation":[[1]]}}',
  '{"Edit":{"revision":0,"operation":["a"],"sequence":0}}',
  '{"Edit":[0,["a"]]}',
  '{"SetLanguage":3}',
  '{"ClientInfo":{"name":"A","hue":-1}}',
  '{"ClientInfo":{"name":"A","hue":4294967296}}',
  '{"ClientInfo":{"name":3,"hue":1}}',
  '{"CursorData":{"cursors":[-1]}}',
  '{"CursorData":{"cursors":[1],"selections":[[1]]}}',
  '{"Hello":{"session":"short"}}',
];
for (const frame of refused)
  test(`${frame.slice(0, 60)} is malformed`, () => assert.throws(() => parseClientMessage(frame), MalformedMessage));
