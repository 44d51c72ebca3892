import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Receipt, TimeLine } from '@berth/protocol';
import type { Command } from 'commander';
import { renderFailure, renderSuccess } from '../outcome.ts';
import { buildProgram } from '../program.ts';
import { atServer } from './at-server.ts';
import { renderAudit } from './audit.ts';
import { renderAcme, renderAwaited } from './certificates.ts';
import { renderFinding } from './doctor.ts';
import { renderReceipt } from './receipt.ts';
import { renderApps } from './status.ts';
import { createStyle } from './style.ts';
import { renderKitAdvice } from './target.ts';
import { renderTimeLine } from './time-line.ts';

for (const { text, typed } of [
  { text: 'see: berth ps', typed: 'see: berth ps --on shop' },
  { text: 'berth restore blog --to p12', typed: 'berth restore --on shop blog --to p12' },
  { text: 'berth restore-points blog lists them', typed: 'berth restore-points --on shop blog lists them' },
  { text: 'turn it on with: berth cert acme --email YOU', typed: 'turn it on with: berth cert acme --on shop --email YOU' },
  { text: 'being fetched (berth cert)', typed: 'being fetched (berth cert --on shop)' },
  { text: 'berth stop blog, then berth start blog', typed: 'berth stop --on shop blog, then berth start --on shop blog' },
  { text: 'berth server add root@HOST', typed: 'berth server add root@HOST' },
  { text: 'berth deploy DIR --on NAME', typed: 'berth deploy DIR --on NAME' },
  { text: 'the berth command; berth.yaml; wait a while', typed: 'the berth command; berth.yaml; wait a while' },
])
  test(`"${text}" is typed as "${typed}" for a server`, () => {
    assert.equal(atServer(text, 'shop'), typed);
    assert.equal(atServer(text, null), text);
  });

test('every command that can be told where to act is told so, and no other', () => {
  const program = buildProgram(() => Promise.resolve());
  const all: Command[] = program.commands.flatMap((command) => [command, ...command.commands]);
  for (const command of all) {
    const parts = command.parent === program ? [] : [command.parent];
    for (const name of [command.name(), ...command.aliases()]) {
      const words = ['berth', ...parts.map((part) => part?.name()), name].join(' ');
      // A command of parts is the first of them when none is named.
      const own = [command, ...command.commands].flatMap(({ options }) => options);
      const takesOn = own.some(({ long, hidden }) => long === '--on' && !hidden);
      assert.equal(atServer(`${words} x`, 'shop'), takesOn ? `${words} --on shop x` : `${words} x`);
    }
  }
});

const sheet = { style: createStyle(false, 'shop'), width: 200 };
const error = { code: 'X', message: 'it broke', hint: 'look: berth logs blog' };
const receipt = {
  ...{ app: 'blog', kind: 'deploy', operation: 3, release: 2, previousRelease: 1, restorePoint: 'p1', ok: true, changed: true },
  ...{ by: 'ada', at: '2026-02-10T11:00:00Z', ms: 1, requests: { served: 0, held: 0, failed: 0 }, steps: [], changes: [] },
  ...{ warnings: [], error: null, commit: null },
} as unknown as Receipt;
const point = { point: 'p1', at: '2026-02-10T11:00:00Z', kind: 'deploy', release: 1, stores: ['db'], label: null };
const timeLine = { app: 'blog', points: [point], ranges: [], unreachable: [] } as unknown as TimeLine;
const reader = { now: new Date('2026-02-10T12:00:00Z'), zone: 'UTC' };
const finding = { app: null, symptom: 's', rule: 'r', evidence: [], cause: 'c', fix: 'berth restart blog', repair: 'do it' };
const check = { id: 'ssh', title: 't', finding: { state: 'wrong', summary: 's', manual: null }, fix: 'f', changed: false };
const awaited = { host: 'blog.example', kind: 'local', renewal: { failure: null } };

for (const { name, lines } of [
  { name: 'a deploy', lines: renderSuccess(receipt, null, sheet) },
  { name: 'a backup', lines: renderSuccess({ ...receipt, kind: 'backup' }, null, sheet) },
  { name: 'a stop', lines: renderSuccess({ ...receipt, kind: 'stop' }, null, sheet) },
  { name: 'a failure', lines: renderFailure({ ...receipt, ok: false, error }, sheet) },
  { name: 'a receipt', lines: renderReceipt({ ...receipt, error }, sheet) },
  { name: 'restore points', lines: renderTimeLine(timeLine, reader as never, sheet) },
  { name: 'an empty list of apps', lines: renderApps([], sheet) },
  { name: 'a list of targets', lines: renderKitAdvice({ targets: [], kit: null }, sheet) },
  { name: 'settings of certificates', lines: renderAcme(null, sheet) },
  { name: 'awaited certificates', lines: renderAwaited([awaited as never], ['https://blog.example'], sheet) },
  { name: 'the doctor', lines: renderFinding(finding as never, sheet) },
  { name: 'an audit', lines: renderAudit({ checks: [check], awaiting: [] } as never, sheet) },
])
  test(`what ${name} tells to type gets to the server that was asked`, () => {
    const told = lines.join('\n').match(/\bberth [a-z].*/g) ?? [];
    assert.ok(told.length > 0);
    for (const line of told) assert.match(line, /^berth [a-z -]+ --on shop\b/);
  });
