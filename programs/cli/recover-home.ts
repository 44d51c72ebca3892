/** `berth recover`: the kit, what it would bring back, a question, everything, and a platform that runs. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseMoment } from '@berth/core';
import { createFault, type HomeLayout, homeLayout, resolveHome, silentLogger } from '@berth/host';
import {
  finishRecovery,
  openRecovery,
  planRecovery,
  readRecord,
  type RecoveryPlan,
  type Recovered,
  recover,
} from '@berth/operations';
import type { Client, PlatformSettings, PlatformStatus } from '@berth/protocol';
import { isLocked, type Kit, parseKit } from '@berth/vault';
import type { RecoverOptions } from './commands/recover.ts';
import { cancelled, fileNotReadable, momentInvalid, needsConfirmation } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { onceInterrupted } from './interrupt.ts';
import { localReader } from './local-reader.ts';
import { askHidden, confirmName, isAgreed } from './output/prompt.ts';
import { renderRecovered, renderRecoveryPlan, type Times } from './output/recovery.ts';
import { followRecovery } from './output/recovery-progress.ts';
import type { Session } from './session.ts';

type Wanted = {
  readonly layout: HomeLayout;
  readonly kit: Kit;
  readonly at: Date | null;
  readonly options: RecoverOptions;
};

export const recoverHome = async (session: Session, kitFile: string, options: RecoverOptions): Promise<number> => {
  // Before anything else: a moment that cannot be read is the likeliest mistake.
  const at = readMoment(options.at);
  const kit = await readKit(session, kitFile, options);
  const layout = homeLayout(resolveHome(session.env.variables, session.env.uid));
  const wanted = { layout, kit, at, options };
  using interrupt = onceInterrupted();
  try {
    if (options.dryRun) return await showPlan(session, wanted, interrupt.signal);
    const takeOver = await consent(session, wanted, { kitFile, signal: interrupt.signal });
    return await bringBack(session, wanted, { takeOver, signal: interrupt.signal });
  } catch (thrown) {
    if (!interrupt.signal.aborted) throw thrown;
    throw cancelled('the recovery was interrupted; run the same command again, it goes on where it was');
  }
};

const readMoment = (text: string | undefined): Date | null => {
  if (text === undefined) return null;
  const read = parseMoment(text, localReader());
  if (!read.ok) throw momentInvalid(read.message, read.suggestion);
  return read.at;
};

const readKit = async ({ terminal }: Session, file: string, { passphraseFile }: RecoverOptions): Promise<Kit> => {
  const text = await readText(file);
  if (!isLocked(text)) return parseKit(text);
  if (passphraseFile !== undefined) return parseKit(text, (await readText(passphraseFile)).replace(/\r?\n$/, ''));
  return terminal.interactive ? parseKit(text, await askHidden(terminal, 'Passphrase of the kit (not shown): ')) : parseKit(text);
};

const readText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw fileNotReadable(path, cause);
  });

const showPlan = async (session: Session, wanted: Wanted, signal: AbortSignal): Promise<number> => {
  const plan = await makePlan(session, wanted, signal);
  if (session.json) session.terminal.printJson(plan);
  else
    session.terminal.print(
      ...renderRecoveryPlan(plan, { kit: wanted.kit, home: wanted.layout.home }, localReader(), session.terminal),
    );
  return EXIT.ok;
};

/** Leaves nothing behind, not even the programs that it needs. */
const makePlan = async (
  { env, terminal, json }: Session,
  { layout, kit, at }: Wanted,
  signal: AbortSignal,
): Promise<RecoveryPlan> => {
  const scratch = await mkdtemp(join(tmpdir(), 'berth-plan-'));
  try {
    if (!json) terminal.note(terminal.style.dim('looking at what the targets hold; nothing is changed'));
    const deps = openRecovery({
      ...{ layout, kit, uid: env.uid, path: env.variables.PATH ?? '', mayInstall: false, log: silentLogger },
      ...{ cache: join(scratch, 'cache'), state: join(scratch, 'state'), parts: join(scratch, 'parts') },
      fault: createFault(undefined),
      report: () => undefined,
    });
    return await planRecovery(deps, { at, signal });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/** Somebody said yes; and that the other machine is lost, where it does not look like that. */
const consent = async (
  session: Session,
  wanted: Wanted,
  { kitFile, signal }: { kitFile: string; signal: AbortSignal },
): Promise<boolean> => {
  const { terminal } = session;
  const { layout, kit, options } = wanted;
  const given = options.takeOver === true;
  // One that goes on was consented to when it began.
  if (options.yes || (readRecord(layout.home)?.state ?? 'finished') !== 'finished') return given;
  if (!terminal.interactive)
    throw needsConfirmation('', {
      what: 'a recovery',
      command: `berth recover ${kitFile} --yes, after berth recover ${kitFile} --dry-run`,
    });
  const plan = await makePlan(session, wanted, signal);
  terminal.note(...renderRecoveryPlan(plan, { kit, home: layout.home }, localReader(), terminal), '');
  const alive = plan.targets.flatMap(({ owner }) => (owner?.isAlive ? [owner.host] : []))[0];
  if (alive !== undefined && !given) {
    const question = `${alive} was at work a moment ago. If it is really lost, it is kept from writing from now on.`;
    await confirmName(terminal, { question, name: alive, otherwise: 'nothing was changed' });
    return true;
  }
  if (!(await isAgreed(terminal, `Bring all this back to ${layout.home}? (y/N) `))) throw cancelled('nothing was changed');
  return given;
};

const bringBack = async (
  session: Session,
  { layout, kit, at, options }: Wanted,
  { takeOver, signal }: { takeOver: boolean; signal: AbortSignal },
): Promise<number> => {
  const { env, terminal, json } = session;
  const began = performance.now();
  const progress = followRecovery(session);
  const deps = openRecovery({
    ...{ layout, kit, uid: env.uid, path: env.variables.PATH ?? '', mayInstall: true, log: silentLogger },
    ...{ cache: layout.treeCache, state: layout.replicator, parts: layout.parts },
    fault: createFault(env.variables.BERTH_FAULT),
    report: progress.report,
  });
  const recovered = await recover(deps, { at, takeOver, signal });
  const fetched = performance.now();
  const settings: Partial<PlatformSettings> = {
    ...(options.http !== undefined && { httpPort: options.http }),
    ...(options.https !== undefined && { httpsPort: options.https }),
  };
  if (!json) terminal.note(terminal.style.dim('starting the platform'));
  const client = await session.connect({ start: 'first', ...(Object.keys(settings).length > 0 && { settings }) });
  const status = await settled(client, recovered, signal);
  await finishRecovery(layout.home);
  const times: Times = {
    toolsMs: progress.tools().ms,
    tools: progress.tools().installed,
    fetchMs: fetched - began - progress.tools().ms,
    startMs: performance.now() - fetched,
  };
  const code = exitCode(recovered, status);
  if (json) terminal.printJson({ event: 'recovered', ok: code === EXIT.ok, ...recovered, times, status });
  else terminal.print('', ...renderRecovered(recovered, { status, times }, localReader(), terminal));
  return code;
};

const POLL_MS = 100;
/** Longer than any service may take to become healthy where its manifest says nothing else. */
const SETTLE_LIMIT_MS = 60_000;

/** Until every app that is to run does, or it is clear that one does not. */
const settled = async (client: Client, { apps }: Recovered, signal: AbortSignal): Promise<PlatformStatus> => {
  const wanted = apps.filter(({ state }) => state === 'running').map(({ app }) => app);
  for (const until = Date.now() + SETTLE_LIMIT_MS; ; await delay(POLL_MS, undefined, { signal })) {
    const status = await client.call('status', {});
    const pending = status.apps.filter(({ app, state, services }) => {
      const isStuck = services.some(({ instances }) => instances.some((it) => it.state === 'looping'));
      return wanted.includes(app) && state !== 'running' && !isStuck;
    });
    if (pending.length === 0 || Date.now() > until) return status;
  }
};

const exitCode = ({ apps, parts }: Recovered, status: PlatformStatus): number => {
  const isRunning = (app: string) => status.apps.some((it) => it.app === app && it.state === 'running');
  const isWhole = apps.every(
    ({ app, state, stoppedBecause }) => stoppedBecause === null && (state !== 'running' || isRunning(app)),
  );
  return isWhole && parts.every(({ outcome }) => outcome !== 'lost') ? EXIT.ok : EXIT.failed;
};
