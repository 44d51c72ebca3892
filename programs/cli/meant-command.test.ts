import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meantCommand } from './meant-command.ts';
import { buildProgram } from './program.ts';

const commands = buildProgram(() => Promise.resolve()).commands.map((command) => command.name());
const nameOf = (hint: string | null): string => /\bberth ([a-z-]+)/.exec(hint ?? '')?.[1] ?? '';

for (const { word, leads } of [
  { word: 'history', leads: 'releases' },
  { word: 'status', leads: 'ps' },
  { word: 'remove', leads: 'rm' },
  { word: 'exec', leads: 'run' },
  { word: 'undo', leads: 'rollback' },
  { word: 'backups', leads: 'restore-points' },
])
  test(`berth ${word} leads to berth ${leads}`, () => {
    assert.equal(nameOf(meantCommand(word)), leads);
    assert.ok(commands.includes(leads) && !commands.includes(word));
  });

test('a word that nobody uses elsewhere is left to its spelling', () => assert.equal(meantCommand('rollbak'), null));
