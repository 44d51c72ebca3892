import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { randomText } from './testing/random-operations.ts';
import {
  advance,
  codePointLength,
  compareCodePoints,
  hasSurrogates,
  toCodePoint,
  toUtf16,
  utf8Length,
  wellFormed,
} from './text.ts';

const texts: { name: string; text: string; codePoints: number; bytes: number }[] = [
  { name: 'nothing', text: '', codePoints: 0, bytes: 0 },
  { name: 'ASCII', text: 'abc', codePoints: 3, bytes: 3 },
  { name: 'two and three bytes', text: 'é～', codePoints: 2, bytes: 5 },
  { name: 'an astral character', text: 'a😀b', codePoints: 3, bytes: 6 },
  { name: 'only an astral character', text: '😀', codePoints: 1, bytes: 4 },
  { name: 'two in a row', text: '😀𐀀', codePoints: 2, bytes: 8 },
  { name: 'lone surrogates', text: '\ud83dx\ude00', codePoints: 3, bytes: 7 },
];
for (const { name, text, codePoints, bytes } of texts) {
  test(`counts code points and bytes of ${name}`, () => {
    assert.equal(codePointLength(text), codePoints);
    assert.equal(utf8Length(text), bytes);
    assert.equal(hasSurrogates(text), /[^\u0000-\ud7ff\ue000-\uffff]/.test(text));
  });
}

test('lone surrogates become U+FFFD, pairs stay', () => {
  assert.equal(wellFormed('\ud83d'), '\ufffd');
  assert.equal(wellFormed('a\ude00\ud83db😀'), 'a\ufffd\ufffdb😀');
  assert.equal(wellFormed('plain'), 'plain');
});

test('characters beyond U+FFFF come after U+E000 to U+FFFF, unlike with <', () => {
  const [wave, smile]: string[] = ['～', '😀'];
  assert.ok(String(wave) > String(smile));
  assert.ok(compareCodePoints('～', '😀') < 0);
  assert.ok(compareCodePoints('\u{10000}', '\uffff') > 0);
  assert.ok(compareCodePoints('\ud7ff', '\ue000') < 0);
  assert.ok(compareCodePoints('a', 'ab') < 0);
  assert.equal(compareCodePoints('ab', 'ab'), 0);
});

test('the order of 5,000 random pairs is that of their bytes', () => {
  const random = createRandom(1);
  for (let i = 0; i < 5000; i++) {
    const [a, b] = [randomText(random, 3), randomText(random, 3)];
    const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
    assert.equal(Math.sign(compareCodePoints(a, b)), expected, `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
  }
});

test('positions are converted both ways in 2,000 random texts', () => {
  const random = createRandom(2);
  for (let i = 0; i < 2000; i++) {
    const text = randomText(random, 20);
    const characters = [...text];
    assert.equal(codePointLength(text), characters.length);
    assert.equal(utf8Length(text), Buffer.byteLength(text));
    const position = random.integer(0, characters.length);
    const offset = characters.slice(0, position).join('').length;
    assert.equal(toUtf16(text, position), offset);
    assert.equal(toCodePoint(text, offset), position);
    const from = random.integer(0, position);
    assert.equal(advance(text, toUtf16(text, from), position - from), offset);
  }
});

test('positions outside the text, or inside a pair, are brought to the next good one', () => {
  for (const text of ['abc', 'a😀c']) {
    assert.equal(toUtf16(text, 99), text.length);
    assert.equal(toUtf16(text, -1), 0);
    assert.equal(toCodePoint(text, 99), 3);
    assert.equal(toCodePoint(text, -1), 0);
  }
  assert.equal(toCodePoint('a😀c', 2), 2);
});
