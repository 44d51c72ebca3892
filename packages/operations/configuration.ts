import { isReservedVariable, isOtherValue } from '@berth/core';
import type { Journal } from '@berth/journal';
import type { Operation, OperationKind } from '@berth/protocol';
import { generateSecret, type Sealer } from '@berth/secrets';
import type { Bus } from './bus.ts';
import { variableInvalid } from './errors.ts';
import type { Platform } from './platform.ts';
import { planRotation } from './secret-rotation.ts';

export type ConfigurationDeps = {
  readonly journal: Journal;
  readonly sealer: Sealer;
  readonly bus: Bus;
  readonly enqueue: (app: string, kind: OperationKind, by: string) => Operation;
};

/**
 * Variables and secrets of an app, which may be set before its first deploy. A change is kept at once and becomes a new
 * release when the app runs.
 */
export function configurationOf({
  journal,
  sealer,
  bus,
  enqueue,
}: ConfigurationDeps): Pick<Platform, 'environment' | 'changeEnvironment' | 'secrets' | 'changeSecrets'> {
  return {
    environment: (app) => journal.configuration.variables(journal.apps.get(app).name),
    changeEnvironment(app, { by, changes }) {
      for (const name of Object.keys(changes)) checkName(name);
      journal.transaction(() => {
        journal.apps.ensure(app);
        for (const [name, value] of Object.entries(changes)) journal.configuration.setVariable(app, name, value);
      });
      bus.publish({ name: 'audit.environment.changed', app, fields: { by, names: Object.keys(changes) } });
      return enqueue(app, 'configure', by);
    },
    async secrets(app, { by, reveal }) {
      const rows = journal.configuration.secrets(journal.apps.get(app).name);
      const names = new Set(rows.map(({ name }) => name));
      if (reveal) bus.publish({ name: 'audit.secrets.revealed', app, fields: { by } });
      return Promise.all(
        rows.map(async ({ name, value, setAt, generated }) => ({
          name,
          setAt,
          generated,
          isOther: isOtherValue(name, names),
          value: reveal ? await sealer.open(name, value) : null,
        })),
      );
    },
    async changeSecrets(app, { by, set, generate, offer = {}, exchange = [], finish = [] }) {
      const rotated = [...Object.keys(offer), ...exchange, ...finish];
      const names = [...Object.keys(set), ...generate, ...rotated];
      for (const name of names) checkName(name);
      const wanted = [...Object.entries(set), ...generate.map((name) => [name, generateSecret()] as const)];
      const sealed = await Promise.all(
        wanted.map(async ([name, value]) => ({
          name,
          value: value === null ? null : { sealed: await sealer.seal(value), generated: generate.includes(name) },
        })),
      );
      const rotate = await planRotation({ journal, sealer }, app, { offer, exchange, finish });
      journal.transaction(() => {
        journal.apps.ensure(app);
        rotate();
        for (const { name, value } of sealed) journal.configuration.setSecret(app, name, value);
      });
      bus.publish({ name: 'audit.secrets.changed', app, fields: { by, names } });
      return enqueue(app, 'configure', by);
    },
  };
}

function checkName(name: string): void {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) throw variableInvalid(name, 'it is not the name of a variable');
  if (isReservedVariable(name)) throw variableInvalid(name, 'it belongs to Berth');
}
