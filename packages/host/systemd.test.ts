import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProperties } from './systemd.ts';

test('properties are told apart at the first "="', () => {
  assert.deepEqual(parseProperties('Id=a.service\nExecStart={ path=/bin/true }\nResult=\n\n'), {
    Id: 'a.service',
    ExecStart: '{ path=/bin/true }',
    Result: '',
  });
});
