import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveCertificate } from '../certificates/store.ts';
import { commandRefused, stateNotReached } from '../errors.ts';
import type { EdgeState } from '../state.ts';
import { type Maps, mapNames } from './maps.ts';
import { parseMap, parseServersState } from './observed.ts';
import { type Command, differences, type Observed, planCommands } from './reconcile.ts';
import type { RuntimeApi } from './runtime-api.ts';

/** A command with a bigger payload is ignored without an answer (the buffer holds 16 KB). */
const MOST_CERTIFICATE_BYTES = 15_000;
/** A server goes once its last connection has been torn down. */
const REMOVAL_MS = 3_000;
const REMOVAL_LOOK_MS = 50;

/** Takes a running HAProxy to what is wanted without a reload, and looks whether it got there. */
export const applyToRunning = async (wanted: {
  api: RuntimeApi;
  state: EdgeState;
  maps: Maps;
  certificates: readonly LiveCertificate[];
  /** Hash of what is loaded, by file. */
  loaded: Readonly<Record<string, string>>;
}): Promise<void> => {
  const { api } = wanted;
  await sendCertificates(wanted);
  const commands = planCommands(wanted, await observe(api));
  for (const command of commands) await send(api, command);
  if (commands.length === 0) return;
  const left = differences(wanted, await observe(api));
  if (left.length > 0) throw stateNotReached(left);
};

const observe = async (api: RuntimeApi): Promise<Observed> => {
  const servers = parseServersState(await api.ask('show servers state'));
  const maps = await Promise.all(mapNames.map(async (name) => [name, parseMap(await api.ask(`show map ${name}`))] as const));
  return { servers, maps: Object.fromEntries(maps) as unknown as Maps };
};

const send = async (api: RuntimeApi, command: Command): Promise<void> => {
  const { line, payload, accept } = command;
  const options = { ...(payload === undefined ? {} : { payload }), ...(accept === undefined ? {} : { accept }) };
  if (command.patient === undefined) {
    await api.tell(line, options);
    return;
  }
  const giveUpAt = performance.now() + REMOVAL_MS;
  for (;;) {
    const answer = await api.ask(line, payload);
    if (answer === '' || accept?.test(answer)) return;
    if (performance.now() >= giveUpAt) throw commandRefused(line, answer);
    await sleep(REMOVAL_LOOK_MS);
  }
};

const sendCertificates = async ({
  api,
  certificates,
  loaded,
}: {
  api: RuntimeApi;
  certificates: readonly LiveCertificate[];
  loaded: Readonly<Record<string, string>>;
}): Promise<void> => {
  const changed = certificates.filter(({ file, hash }) => loaded[file] !== hash);
  if (changed.length === 0) return;
  const known = new Set((await api.ask('show ssl cert')).split('\n'));
  for (const { file, host, pem } of changed) {
    if (pem.length > MOST_CERTIFICATE_BYTES) throw stateNotReached([`the certificate of ${host} is too big to be sent`]);
    const isNew = !known.has(file);
    if (isNew) await api.tell(`new ssl cert ${file}`, { accept: /New empty certificate store/ });
    await api.tell(`set ssl cert ${file}`, { payload: pem, accept: /Transaction (created|updated)/ });
    await api.tell(`commit ssl cert ${file}`, { accept: /Success!/ });
    if (isNew) await api.tell('add ssl crt-list certificates.list', { payload: `${file} ${host}\n`, accept: /Success!/ });
  }
};
