import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '@berth/protocol';
import { renderFindings, renderSummary } from './doctor.ts';
import { createStyle } from './style.ts';

const sheet = { style: createStyle(false) };

const wrongPort: Finding = {
  rule: 'wrong-port',
  severity: 'problem',
  app: 'pad',
  symptom: 'the site answers 502',
  evidence: ['pad.web.3-k4x was given port 21003 and listens on 3000'],
  cause: 'it listens on a port of its own choice',
  fix: 'berth deploy',
  repair: null,
};

test('a finding says what was seen, why, and what to type', () => {
  assert.deepEqual(
    renderFindings([wrongPort, { ...wrongPort, severity: 'warning', app: null, rule: 'x', repair: 'mend it' }], sheet),
    [
      '✗ pad: the site answers 502 (wrong-port)',
      '    seen:  pad.web.3-k4x was given port 21003 and listens on 3000',
      '    cause: it listens on a port of its own choice',
      '    fix:   berth deploy',
      '',
      '! the site answers 502 (x)',
      '    seen:  pad.web.3-k4x was given port 21003 and listens on 3000',
      '    cause: it listens on a port of its own choice',
      '    fix:   berth deploy',
      '    berth doctor --fix would mend it',
    ],
  );
});

test('the summary counts, and names rules that could not look', () => {
  const looked = { findings: [wrongPort], looked: 56, exposures: [{ unit: 'pad-web-3-k4x.service', exposure: 2 }] };
  assert.deepEqual(renderSummary({ ...looked, blind: [{ rule: 'dns-missing', reason: 'no answer within 12 s' }] }, sheet), [
    'could not look: dns-missing: no answer within 12 s',
    'systemd-analyze security pad-web-3-k4x.service: 2.0',
    '56 rules looked, 1 finding',
  ]);
});
