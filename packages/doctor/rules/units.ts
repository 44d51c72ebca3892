/** Sandboxes of instances, where systemd runs them. */
import { isSystemdRunning } from '@berth/host';
import type { Facts } from '../facts/facts.ts';
import { exposureOf, unitOf } from '../facts/units.ts';
import type { Rule } from '../finding.ts';

export type UnitExposure = { readonly app: string; readonly unit: string; readonly exposure: number };

const unitExposed: Rule = {
  id: 'unit-exposed',
  area: 'app',
  symptom: 'a program that somebody takes over could do more to the machine than it needs',
  looks: '`systemd-analyze security` of the unit of every instance: more than 2.0',
  probe: async (facts) =>
    (await exposuresOf(facts))
      .filter(({ exposure }) => exposure > EXPOSURE_MAX)
      .map(({ app, unit, exposure }) => ({
        severity: 'warning' as const,
        app,
        evidence: [`${unit} has an exposure of ${exposure}; Berth gives its units at most ${EXPOSURE_MAX.toFixed(1)}`],
        cause: 'a drop-in of this machine has taken away some of what confines it',
        fix: `systemctl cat ${unit}   # remove the drop-in, then: systemctl daemon-reload && berth restart ${app}`,
      })),
};

export const unitRules: readonly Rule[] = [unitExposed];

const EXPOSURE_MAX = 2;

/** Of every unit in which an instance runs; none where systemd does not run them. */
export const exposuresOf = async (facts: Facts): Promise<readonly UnitExposure[]> => {
  if (!isSystemdRunning()) return [];
  const units = (await facts.apps()).flatMap(({ name, instances }) =>
    instances.flatMap((instance) => {
      const unit = unitOf(instance);
      return unit === null ? [] : [{ app: name, unit }];
    }),
  );
  const found = await Promise.all(
    units.map(async (one) => {
      const exposure = await exposureOf(one.unit, facts.bounds.answerMs);
      return exposure === null ? [] : [{ ...one, exposure }];
    }),
  );
  return found.flat();
};
