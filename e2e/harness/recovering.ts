/** What stories of a lost machine ask of `berth recover`. */
import type { Recovered, RecoveryPlan } from '@berth/operations';
import { waitUntil } from '@berth/testing';
import type { EmptyMachine } from './machines.ts';

/** Resolves when the builds and stores of so many apps are at a target; by a dry run, which changes nothing. */
export const untilRecoverable = async (machine: EmptyMachine, kitFile: string, appCount: number): Promise<void> => {
  const isThere = async (): Promise<boolean> => {
    const { code, stdout } = await machine.berth(['recover', kitFile, '--dry-run', '--json']);
    if (code !== 0) return false;
    const { apps } = JSON.parse(stdout) as RecoveryPlan;
    const isComplete = apps.every(({ build, stores }) => build !== null && stores.every(({ target }) => target !== null));
    return apps.length === appCount && isComplete;
  };
  await waitUntil(isThere, { what: 'everything to be at the target', withinMs: 120_000, everyMs: 500 });
};

export type ToldRecovery = Recovered & {
  readonly ok: boolean;
  readonly times: { readonly fetchMs: number; readonly startMs: number };
};

/** The last word of `berth recover --json`; undefined where it did not come so far. */
export const findRecovered = (stdout: string): ToldRecovery | undefined =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ToldRecovery & { event: string })
    .find(({ event }) => event === 'recovered');
