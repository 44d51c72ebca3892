import { join } from 'node:path';
import { test } from 'node:test';
import type { AuditReport, CheckReport, HardenReport } from '@berth/harden';
import { renderAudit, renderHardened, renderPlan } from './audit.ts';
import { createStyle } from './style.ts';

const view = { style: createStyle(false), width: 100 };

const check = (
  id: string,
  state: CheckReport['finding']['state'],
  summary: string,
  manual: string | null = null,
): CheckReport => ({
  id,
  title: `How ${id} should be`,
  area: 'system',
  severity: 'medium',
  fix: `what the fix of ${id} does`,
  finding: { state, summary, evidence: [], manual },
  changed: false,
});

const CHECKS = [
  check('upgrades', 'ok', 'daily from the security archive'),
  check('clock', 'not-applicable', 'in a container the clock is that of the host around it'),
  check('kernel', 'unknown', '/proc is not there'),
  check('listeners', 'wrong', '5432/tcp: postgres listens on 0.0.0.0:5432', 'let it listen on 127.0.0.1'),
  check('sshd', 'wrong', 'PasswordAuthentication: yes'),
  check('firewall', 'wrong', 'what is not allowed: is let in'),
];

const error = { code: 'HARDEN_NO_SSH_KEY', message: 'nobody could log in any more', hint: 'put your key there', fields: {} };
const steps: Readonly<Record<string, readonly string[]>> = { firewall: ['install nftables', 'write /etc/nftables.d/berth.nft'] };
const harden = (dryRun: boolean, checks: readonly CheckReport[]): HardenReport => ({
  ok: false,
  dryRun,
  awaiting: dryRun ? [] : [{ check: 'firewall', until: '2999-01-01T10:00:00.000Z' }],
  checks: checks.map((one) => ({ ...one, steps: steps[one.id] ?? [], error: one.id === 'sshd' ? error : null })),
});

const fixed = CHECKS.map((one) =>
  one.id === 'firewall' ? { ...check('firewall', 'ok', 'nftables lets in 22/tcp'), changed: true } : one,
);
const audit: AuditReport = { ok: false, checks: CHECKS, awaiting: [{ check: 'sshd', until: '2001-01-01T10:00:00.000Z' }] };

const SCREENS: Readonly<Record<string, () => string[]>> = {
  audit: () => renderAudit(audit, view),
  plan: () => renderPlan(harden(true, CHECKS), view),
  hardened: () => renderHardened(harden(false, fixed), view),
};

for (const [name, render] of Object.entries(SCREENS))
  test(`berth shows ${name} as agreed`, (t) => {
    const path = join(import.meta.dirname, `../golden/hardening/${name}.txt`);
    t.assert.fileSnapshot(`${render().join('\n')}\n`, path, { serializers: [String] });
  });
