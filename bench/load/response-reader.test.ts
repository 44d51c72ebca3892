import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseReader } from './response-reader.ts';

const cases = [
  {
    name: 'a body with a length',
    text: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    status: 200,
    body: 'hello',
    keepAlive: true,
  },
  {
    name: 'a chunked body',
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
    status: 200,
    body: 'hello',
    keepAlive: true,
  },
  {
    name: 'an interim response before the final one',
    text: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n',
    status: 201,
    body: '',
    keepAlive: true,
  },
  {
    name: 'a last response',
    text: 'HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno',
    status: 503,
    body: 'no',
    keepAlive: false,
  },
  { name: 'no body at all', text: 'HTTP/1.1 204 No Content\r\n\r\n', status: 204, body: '', keepAlive: true },
];

for (const { name, text, status, body, keepAlive } of cases) {
  for (const step of [1, 7, text.length]) {
    test(`${name}, arriving ${step} bytes at a time, is read whole`, () => {
      const reader = new ResponseReader();
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += step) {
        const response = reader.push(bytes.subarray(at, at + step));
        if (at + step < bytes.length) {
          assert.equal(response, null);
          continue;
        }
        assert.deepEqual(
          { status: response?.status, body: response?.body.toString(), keepAlive: response?.keepAlive },
          { status, body, keepAlive },
        );
      }
      assert.equal(reader.started, false);
    });
  }
}

test('what is not HTTP is refused', () => {
  assert.throws(() => new ResponseReader().push(Buffer.from('SSH-2.0-x\r\n\r\n')), /status line/);
});

test('bytes after a switch of protocols are kept for that protocol', () => {
  const reader = new ResponseReader();
  assert.equal(reader.push(Buffer.from('HTTP/1.1 101 Switching\r\n\r\n\x81\x00', 'latin1'))?.status, 101);
  assert.equal(reader.rest.length, 2);
});
