import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogLine } from '@berth/protocol';
import { createPosition } from './stream-logs.ts';

const line = (at: string, text: string): LogLine => ({ at, app: 'shop', service: 'web', instance: 'i', level: null, text });

test('a stream that is asked again from its last moment prints no line twice and leaves none out', () => {
  const position = createPosition();
  const printed: string[] = [];
  const read = (...lines: LogLine[]) => {
    for (const one of lines) if (position.isNew(one)) printed.push(one.text);
  };
  assert.deepEqual(position.resume({ follow: true, tail: 10 }), { follow: true, tail: 10 });
  read(line('t1', 'a'), line('t2', 'b'), line('t2', 'c'));
  assert.deepEqual(position.resume({ follow: true, tail: 10 }), { follow: true, since: 't2', tail: undefined });
  read(line('t2', 'b'), line('t2', 'c'), line('t2', 'd'), line('t3', 'e'));
  position.resume({ follow: true });
  read(line('t3', 'e'));
  position.resume({ follow: true });
  read(line('t3', 'e'), line('t3', 'f'));
  assert.deepEqual(printed, ['a', 'b', 'c', 'd', 'e', 'f']);
});
