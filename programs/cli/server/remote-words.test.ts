import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createRandom } from '@berth/testing';
import { quoteWords } from './remote-words.ts';

describe('a list of words is written so that a person can read it', () => {
  const cases: [string[], string][] = [
    [['systemctl', 'start', 'berthd.service'], 'systemctl start berthd.service'],
    [['echo', ''], "echo ''"],
    [['echo', "it's"], "echo 'it'\\''s'"],
    [['sh', '-c', 'a && b $HOME'], "sh -c 'a && b $HOME'"],
    [['env', 'A=b', 'x'], 'env A=b x'],
    [['=ls'], "'=ls'"],
    [['~root', '*', '{a,b}', '!x', '#'], "'~root' '*' '{a,b}' '!x' '#'"],
  ];
  for (const [words, text] of cases) test(text, () => assert.equal(quoteWords(words), text));
});

const shells = ['/bin/sh', '/bin/bash', '/usr/bin/zsh', '/usr/bin/fish'].filter((shell) => existsSync(shell));
for (const shell of shells)
  test(`any words arrive through ${shell} as they were`, () => {
    const random = createRandom(7);
    const letters = [
      'a',
      ' ',
      '\n',
      '\t',
      "'",
      '"',
      '\\',
      '$',
      '`',
      '!',
      '*',
      '?',
      '[',
      ']',
      '{',
      '}',
      '(',
      ')',
      '~',
      '#',
      '&',
      '|',
      ';',
      '<',
      '>',
      '=',
      '%',
      'é',
      '🦆',
      '-',
      '^',
    ];
    const words = Array.from({ length: 400 }, () =>
      Array.from({ length: random.integer(0, 8) }, () => random.pick(letters)).join(''),
    );
    const printed = execFileSync(shell, ['-c', quoteWords(['printf', '%s\\0', ...words])], { encoding: 'utf8' });
    assert.deepEqual(printed.split('\0').slice(0, -1), words);
  });
