import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationText, parseDestination } from './destination.ts';

describe('a destination is written as ssh takes it', () => {
  const cases = [
    { text: 'root@203.0.113.7', user: 'root', host: '203.0.113.7', port: null },
    { text: 'shop', user: null, host: 'shop', port: null },
    { text: 'ada@server.example.com', user: 'ada', host: 'server.example.com', port: null },
    { text: 'root@[2001:db8::1]', user: 'root', host: '2001:db8::1', port: null },
    { text: 'root@2001:db8::1', user: 'root', host: '2001:db8::1', port: null },
    { text: 'ssh://root@shop:2222', user: 'root', host: 'shop', port: 2222 },
    { text: 'ssh://shop/', user: null, host: 'shop', port: null },
  ];
  for (const { text, user, host, port } of cases)
    test(text, () => {
      const found = parseDestination(text);
      assert.deepEqual([found.user, found.host, found.port], [user, host, port]);
    });
});

describe('what a shell or ssh would take for something else is refused', () => {
  for (const text of ['', '-oProxyCommand=x', 'root@-x', '-l@host', 'a b', 'root@', 'host;id', '$(id)@host', 'a@b@c/d'])
    test(JSON.stringify(text), () => assert.throws(() => parseDestination(text), { code: 'SERVER_DESTINATION_INVALID' }));
});

test('it is shown as it may be typed again', () => {
  const shown = ['root@203.0.113.7', 'shop', 'root@[2001:db8::1]'].map((text) => destinationText(parseDestination(text)));
  assert.deepEqual(shown, ['root@203.0.113.7', 'shop', 'root@[2001:db8::1]']);
});
