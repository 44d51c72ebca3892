import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from './upload.ts';

const bytes = (...values: number[]): ArrayBuffer => new Uint8Array(values).buffer;
const encoded = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer;

for (const [what, content, expected] of [
  ['plain text', encoded('one\ntwo\n'), 'one\ntwo\n'],
  ['line ends of Windows and of old Macs', encoded('a\r\nb\rc'), 'a\nb\nc'],
  ['a byte order mark', bytes(0xef, 0xbb, 0xbf, 0x61), 'a'],
  ['characters beyond U+FFFF', encoded('😀'), '😀'],
  ['an empty file', bytes(), ''],
  ['a picture', bytes(0x89, 0x50, 0x4e, 0x47, 0xff), null],
  ['a program', bytes(0x7f, 0x45, 0x4c, 0x46, 0x00), null],
] as const)
  test(`${what} ${expected === null ? 'is refused' : 'is read'}`, () => assert.equal(textOf(content), expected));
