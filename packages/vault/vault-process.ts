/** Does one task and ends: forked by `runVaultTask`, told what to do over IPC, never started by anything else. */
import { asBerthError } from '@berth/core';
import { applyRetention, compact, describeReplica, restore, type RestoreProgress } from '@berth/replicate';
import { checkTarget } from './check-target.ts';
import { type AccessOptions, openAccess } from './open-access.ts';
import { openTarget } from './open-target.ts';
import { openVault } from './open-vault.ts';
import { createOwnership } from './ownership.ts';
import { deletePoints, putPoint, putStore, readVaultCatalogue } from './vault-catalogue.ts';
import type {
  CheckTargetTask,
  EraseTask,
  FromVaultProcess,
  OpenTask,
  OwnerTask,
  PlainError,
  RecordTask,
  RestoreTask,
  ToVaultProcess,
  UpkeepTask,
  VaultProgress,
  VaultTask,
  VaultTaskResults,
} from './vault-task.ts';

const aborted = new AbortController();
const { signal } = aborted;
/** How the target is opened, as whoever asked wants it. */
let options: AccessOptions = {};

const runTask = async (task: VaultTask): Promise<VaultTaskResults[VaultTask['kind']]> => {
  switch (task.kind) {
    case 'restore':
      return runRestore(task);
    case 'ranges':
      return describeReplica({ target: await openAccess(task.access, options), database: task.database, signal });
    case 'upkeep':
      return runUpkeep(task);
    case 'catalogue':
      return readVaultCatalogue(await openAccess(task.access, options), signal);
    case 'check-target':
      return runCheck(task);
    case 'open':
      return runOpen(task);
    case 'owner':
      return runOwner(task);
    case 'record':
      return runRecord(task);
    case 'erase':
      return runErase(task);
  }
};

const runRestore = async ({ kind: _, access, ...what }: RestoreTask): Promise<VaultTaskResults['restore']> => {
  const target = await openAccess(access, options);
  const { plan, ...result } = await restore({ target, ...what, signal, onProgress: createTelling() });
  const { chosen, before, after } = plan;
  return {
    ...result,
    bytes: result.pages * result.pageSize,
    objectsRead: plan.steps.length,
    bytesRead: plan.bytes,
    ...(chosen && { chosen }),
    ...(before && { before }),
    ...(after && { after }),
  };
};

const runUpkeep = async (task: UpkeepTask): Promise<VaultTaskResults['upkeep']> => {
  const { access, database, now, policy, pins, scratchDirectory } = task;
  const common = { target: await openAccess(access, options), database, now, pins, signal };
  const compacted = await compact({ ...common, ...(scratchDirectory !== undefined && { scratchDirectory }) });
  const retained = await applyRetention({ ...common, policy });
  return { compacted, retained };
};

const runCheck = async ({ url, credentials, largeBytes, listWithinMs }: CheckTargetTask) =>
  checkTarget(await openTarget({ url, ...(credentials && { credentials }), ...options }), {
    signal,
    ...(largeBytes !== undefined && { largeBytes }),
    ...(listWithinMs !== undefined && { listWithinMs }),
  });

const runOpen = async ({ kind: _, url, credentials, ...how }: OpenTask): Promise<VaultTaskResults['open']> => {
  const target = await openTarget({ url, ...(credentials && { credentials }), ...options });
  const { id, dataKey } = await openVault({ target, ...how, signal });
  return { vault: id, dataKey };
};

const runOwner = async (task: OwnerTask): Promise<VaultTaskResults['owner']> => {
  const ownership = createOwnership(await openAccess(task.access, options));
  if (task.action === 'ask') return ownership.owner(signal);
  const { action, installation, now } = task;
  if (action !== 'renew') return ownership.claim(installation, { now, takeOver: action === 'take-over', signal });
  await ownership.renew(installation, { now, signal });
  return ownership.owner(signal);
};

const runRecord = async ({ access, stores = [], points = [], deletePoints: numbers = [] }: RecordTask): Promise<undefined> => {
  const sealed = await openAccess(access, options);
  for (const store of stores) await putStore(sealed, store, signal);
  for (const point of points) await putPoint(sealed, point, signal);
  if (numbers.length > 0) await deletePoints(sealed, numbers, signal);
};

const runErase = async ({ access, id }: EraseTask): Promise<VaultTaskResults['erase']> => {
  const sealed = await openAccess(access, options);
  let deleted = 0;
  // Ended half way, what is left is listed the next time.
  let names: string[] = [];
  const flush = async (): Promise<void> => {
    await sealed.delete(names, signal);
    deleted += names.length;
    names = [];
  };
  for await (const { name } of sealed.list(`${id}/`, signal)) {
    names.push(name);
    if (names.length === DELETE_AT_ONCE) await flush();
  }
  names.push(`stores/${id}`);
  await flush();
  return { deleted };
};

/** As many as an object store takes in one request. */
const DELETE_AT_ONCE = 1000;

/** Reading takes nearly all of the time where the target is far, half of it where it is near. */
const PARTS: Readonly<Record<RestoreProgress['phase'], { from: number; to: number }>> = {
  reading: { from: 0, to: 0.8 },
  comparing: { from: 0.8, to: 0.9 },
  checking: { from: 0.9, to: 1 },
};
const TELL_EVERY_MS = 200;

const createTelling = (): ((progress: RestoreProgress) => void) => {
  let told: { phase: string; at: number } = { phase: '', at: 0 };
  return ({ phase, objects, objectsTotal }) => {
    const now = performance.now();
    if (phase === told.phase && now - told.at < TELL_EVERY_MS) return;
    told = { phase, at: now };
    const { from, to } = PARTS[phase];
    const within = phase === 'reading' && objectsTotal > 0 ? objects / objectsTotal : 0;
    const progress: VaultProgress = { phase, fraction: from + (to - from) * within };
    tell({ type: 'progress', progress });
  };
};

const tell = (message: FromVaultProcess, then: () => void = () => undefined): void => {
  if (process.connected === true) process.send?.(message, then);
  else then();
};

/** Fields may hold what no pipe carries. */
const plainError = (thrown: unknown): PlainError => {
  const { code, message, hint, fields } = asBerthError(thrown);
  return { code, message, hint, fields: JSON.parse(JSON.stringify(fields)) as Record<string, unknown> };
};

/** Connections that are kept open would hold the process. */
const end = (): never => process.exit(0);

const receive = async (message: ToVaultProcess): Promise<void> => {
  if (message.type === 'abort') return aborted.abort();
  if (message.retry !== undefined) options = { retry: message.retry };
  try {
    tell({ type: 'result', result: await runTask(message.task) }, end);
  } catch (thrown) {
    tell({ type: 'failure', error: plainError(thrown) }, end);
  }
};

process.on('message', (message: ToVaultProcess) => void receive(message));
// Whoever asked is gone: what was begun is removed by the next restore to the same place.
process.on('disconnect', () => process.exit(1));
// Of a terminal: the one who asked decides.
process.on('SIGINT', () => undefined);
