import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAccessKey } from './access-keys.ts';

const key = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'abc/DEF+ghi=' };

const read: { name: string; text: string }[] = [
  { name: 'two lines', text: 'AKIAEXAMPLE\nabc/DEF+ghi=\n' },
  {
    name: 'two lines with spaces around, a comment and Windows ends',
    text: '\ufeff# of the bucket\r\n AKIAEXAMPLE \r\n\r\nabc/DEF+ghi=',
  },
  { name: 'a file of AWS', text: '[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key=abc/DEF+ghi=\nregion = x\n' },
  {
    name: 'the default profile of several',
    text: '[work]\naws_access_key_id=NO\naws_secret_access_key=NO\n[default]\naws_access_key_id=AKIAEXAMPLE\naws_secret_access_key=abc/DEF+ghi=\n',
  },
  { name: 'the only profile', text: '[profile backup]\nAWS_ACCESS_KEY_ID=AKIAEXAMPLE\nAWS_SECRET_ACCESS_KEY=abc/DEF+ghi=' },
  { name: 'lines of a shell', text: 'export AWS_ACCESS_KEY_ID="AKIAEXAMPLE"\nexport AWS_SECRET_ACCESS_KEY=\'abc/DEF+ghi=\'\n' },
];
for (const { name, text } of read)
  test(`an access key is read from ${name}`, () => assert.deepEqual(parseAccessKey(text), { key }));

const refused: { name: string; text: string; why: 'nothing' | 'temporary'; profiles: string[] }[] = [
  { name: 'an empty file', text: '', why: 'nothing', profiles: [] },
  { name: 'one line', text: 'AKIAEXAMPLE\n', why: 'nothing', profiles: [] },
  { name: 'three lines', text: 'a\nb\nc\n', why: 'nothing', profiles: [] },
  { name: 'prose', text: 'the key is\nAKIAEXAMPLE and so on\n', why: 'nothing', profiles: [] },
  { name: 'half a key', text: '[default]\naws_access_key_id = A\n', why: 'nothing', profiles: [] },
  {
    name: 'several profiles without a default',
    text: '[a]\naws_access_key_id=A\naws_secret_access_key=B\n[b]\naws_access_key_id=A\naws_secret_access_key=B\n',
    why: 'nothing',
    profiles: ['a', 'b'],
  },
  {
    name: 'keys that end by themselves',
    text: '[default]\naws_access_key_id=A\naws_secret_access_key=B\naws_session_token=C\n',
    why: 'temporary',
    profiles: ['default'],
  },
];
for (const { name, text, why, profiles } of refused)
  test(`no access key is read from ${name}`, () => assert.deepEqual(parseAccessKey(text), { why, profiles }));
