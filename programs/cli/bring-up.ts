/** `berth up`: platform, settings, apps, a table, and then following or not. */
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { BerthError } from '@berth/core';
import type { AppStatus, Client, PlatformSettings, PlatformStatus } from '@berth/protocol';
import { EXIT } from './exit-codes.ts';
import { followApps } from './follow-apps.ts';
import { duration } from './output/quantities.ts';
import { renderAddresses, renderApps, renderTrust } from './output/status.ts';
import { completeOperation, exitCodeOfOutcome, type Outcome, printOutcome } from './outcome.ts';
import type { Session } from './session.ts';
import { stopPlatform } from './stop-platform.ts';
import { checkSource, submitSource } from './submit-source.ts';

type Wanted = {
  readonly directories: readonly string[];
  readonly settings: Partial<PlatformSettings>;
  readonly detach: boolean;
};

export const bringUp = async (session: Session, { directories, settings, detach }: Wanted): Promise<number> => {
  // Before anything is started: a mistake in the second manifest should not leave the first app deployed.
  for (const directory of directories) await checkSource(directory);
  const began = Date.now();
  const ranBefore = await isRunning(session);
  const client = await session.connect({ start: 'first', settings });
  if (!ranBefore && !session.json)
    session.terminal.note(session.terminal.style.dim(`the platform runs (${duration(Date.now() - began)})`));
  await changeSettings(client, settings);

  const outcomes = await deployAll(session, client, directories);
  const status = await settledStatus(await session.connect());
  const apps =
    directories.length === 0 ? status.apps : status.apps.filter(({ app }) => outcomes.some(({ receipt }) => receipt.app === app));
  report(session, { status, apps, outcomes });

  const code = outcomes.map(({ receipt, state }) => exitCodeOfOutcome(receipt, state)).find((one) => one !== EXIT.ok) ?? EXIT.ok;
  if (detach) return code;
  if (code === EXIT.cancelled) await (ranBefore ? undefined : stopAndSay(session));
  else await followUntilInterrupted(session, { apps: apps.map(({ app }) => app), since: new Date(began), ranBefore });
  return code;
};

const isRunning = async (session: Session): Promise<boolean> => {
  try {
    await session.connect({ start: 'never' });
    return true;
  } catch (thrown) {
    if ((thrown as BerthError).code === 'PLATFORM_NOT_RUNNING') return false;
    throw thrown;
  }
};

const changeSettings = async (client: Client, wanted: Partial<PlatformSettings>): Promise<void> => {
  const now = await client.call('settings', {});
  const differ = Object.entries(wanted).some(([name, value]) => !isDeepStrictEqual(value, now[name as keyof PlatformSettings]));
  if (differ) await client.call('changeSettings', { body: wanted });
};

/** One after the other, in the order given: an app may need the one before it. After a cancelled one no other is begun. */
const deployAll = async (session: Session, client: Client, directories: readonly string[]): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  for (const directory of directories) {
    const operation = await submitSource(session, client, { directory, force: false });
    const outcome = await completeOperation(session, client, operation);
    if (!session.json) await printOutcome(session.terminal, await session.connect(), outcome.receipt);
    outcomes.push(outcome);
    if (outcome.state === 'cancelled') break;
  }
  return outcomes;
};

/** Apps that were brought back with the platform take a moment; a table that calls them down would be wrong a second later. */
const settledStatus = async (client: Client): Promise<PlatformStatus> => {
  const until = Date.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const status = await client.call('status', {});
    if (!status.apps.some(isStarting) || Date.now() > until) return status;
    await delay(SETTLE_POLL_MS);
  }
};

/** As long as a service may take to become healthy where its manifest says nothing else. */
const SETTLE_LIMIT_MS = 30_000;
const SETTLE_POLL_MS = 100;

/** On its way, and not given up: what loops or waits for its next try is shown as it is. */
const isStarting = ({ state, services, release }: AppStatus): boolean =>
  release !== null &&
  state !== 'running' &&
  state !== 'stopped' &&
  !services.some(({ instances }) => instances.some((instance) => instance.state === 'looping' || instance.state === 'waiting'));

type Result = {
  readonly status: PlatformStatus;
  readonly apps: readonly AppStatus[];
  readonly outcomes: readonly Outcome[];
};

const report = ({ terminal, json }: Session, { status, apps, outcomes }: Result): void => {
  if (json) {
    const error = outcomes.find(({ receipt }) => !receipt.ok)?.receipt.error;
    terminal.printJson({
      ca: status.edge.ca,
      apps: apps.map(({ app, release, url, state, services }) => ({
        ...{ app, release, url, state },
        services: services.map(({ service, address }) => ({ service, address })),
      })),
      ...(error && { error }),
    });
    return;
  }
  const addresses = renderAddresses(apps, terminal);
  terminal.print('', ...renderApps(apps, terminal));
  if (addresses.length > 0) terminal.print('', ...addresses);
  terminal.print('', ...renderTrust({ ...status, apps: [...apps] }, terminal));
};

type Following = { readonly apps: readonly string[]; readonly since: Date; readonly ranBefore: boolean };

const followUntilInterrupted = async (session: Session, { apps, since, ranBefore }: Following): Promise<void> => {
  const { terminal, json } = session;
  if (!json) {
    const leaves = ranBefore ? 'ends this view; the platform ran before and goes on' : 'stops everything';
    terminal.note('', terminal.style.dim(`following (Ctrl-C ${leaves})`));
  }
  const how = await followApps(session, { apps, since });
  if (how === 'stopped') terminal.note('the platform was stopped');
  else if (!ranBefore) await stopAndSay(session);
};

const stopAndSay = async (session: Session): Promise<void> => {
  const { ms } = await stopPlatform(session);
  if (!session.json) session.terminal.note(`everything is stopped (${duration(ms)}); berth up brings it back`);
};
