import assert from 'node:assert/strict';

type Examination = {
  readonly looked: number;
  readonly findings: readonly { readonly rule: string; readonly severity: string; readonly app: string | null }[];
};

/** `berth doctor --json` looked for everything, and nothing is the matter with that app. What it says of the machine is not asked. */
export function seesNothingWrong(output: string, app: string): void {
  const { looked, findings } = JSON.parse(output.slice(output.indexOf('{'))) as Examination;
  assert.ok(looked > 40, `${looked} rules looked`);
  assert.deepEqual(
    findings.filter((finding) => finding.app === app && finding.severity === 'problem').map(({ rule }) => rule),
    [],
  );
}
