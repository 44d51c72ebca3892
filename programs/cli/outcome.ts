/** How an operation ended: its receipt, what a person is told about it, and the exit code. */
import type { BerthError } from '@berth/core';
import type { Client, Operation, Receipt } from '@berth/protocol';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { followOperation } from './follow-operation.ts';
import { count, duration } from './output/quantities.ts';
import type { Terminal } from './output/terminal.ts';
import type { Session } from './session.ts';

/** Follows, reports and gives the exit code: the common end of every command that changes an app. */
export const finishOperation = async (session: Session, client: Client, started: Operation): Promise<number> => {
  const { receipt, state } = await completeOperation(session, client, started);
  if (session.json) session.terminal.printJson(receipt);
  else await printOutcome(session.terminal, client, receipt);
  return exitCodeOfOutcome(receipt, state);
};

export type Outcome = { readonly receipt: Receipt; readonly state: Operation['state'] };

export const completeOperation = async (session: Session, client: Client, started: Operation): Promise<Outcome> => {
  const operation = await followOperation(session, client, started);
  // The daemon may have been replaced while we followed.
  return { receipt: await receiptOf(await session.connect(), operation), state: operation.state };
};

export const exitCodeOfOutcome = (receipt: Receipt, state: Operation['state']): number => {
  if (receipt.ok) return EXIT.ok;
  if (state === 'cancelled') return EXIT.cancelled;
  return receipt.error ? exitCodeOf({ code: receipt.error.code, fields: receipt.error.fields ?? {} }) : EXIT.failed;
};

/** An app that was removed takes its receipts along: then the operation itself tells the same. */
const receiptOf = async (client: Client, operation: Operation): Promise<Receipt> => {
  try {
    return await client.call('receipt', { params: { app: operation.app, operation: operation.id } });
  } catch (thrown) {
    if (!(thrown as BerthError).code?.endsWith('_NOT_FOUND')) throw thrown;
    return {
      operation: operation.id,
      app: operation.app,
      kind: operation.kind,
      release: operation.release,
      previousRelease: null,
      commit: null,
      ok: operation.state === 'succeeded',
      changed: true,
      ms: Date.parse(operation.finishedAt ?? operation.createdAt) - Date.parse(operation.startedAt ?? operation.createdAt),
      steps: operation.steps,
      requests: { served: 0, held: 0, failed: 0 },
      restorePoint: null,
      by: operation.by,
      at: operation.finishedAt ?? operation.createdAt,
      changes: [],
      warnings: [],
      error: operation.error,
    };
  }
};

export const printOutcome = async (terminal: Terminal, client: Client, receipt: Receipt): Promise<void> => {
  const app = receipt.ok && !WITHOUT_URL.has(receipt.kind) ? await client.call('app', { params: { app: receipt.app } }) : null;
  for (const warning of receipt.warnings) terminal.note(`${terminal.style.yellow('Warning:')} ${terminal.style.hint(warning)}`);
  if (receipt.ok) {
    const awaited = app === null || receipt.kind === 'stop' ? [] : await awaitedCertificates(client, app.urls, terminal);
    terminal.print(...renderSuccess(receipt, app?.url ?? null, terminal), ...awaited);
  } else {
    terminal.note(...renderFailure(receipt, terminal));
    if (receipt.findings?.length) {
      const { renderFindings } = await import('./output/doctor.ts');
      terminal.note(
        '',
        terminal.style.dim(terminal.style.hint('what the doctor saw (berth doctor looks again):')),
        ...renderFindings(receipt.findings, terminal),
      );
    }
  }
};

const awaitedCertificates = async (client: Client, urls: readonly string[], terminal: Terminal): Promise<string[]> => {
  const { renderAwaited } = await import('./output/certificates.ts');
  // What was done is done: that this cannot be asked now makes no failure of it.
  const { certificates } = await client.call('certificates', {}).catch(() => ({ certificates: [] }));
  return renderAwaited(certificates, urls, terminal).map((line) => `  ${line}`);
};

/** These touch nothing that serves: what is requested meanwhile is no news. */
const BESIDE: ReadonlySet<Receipt['kind']> = new Set(['backup', 'drill']);
const WITHOUT_URL: ReadonlySet<Receipt['kind']> = new Set(['remove', 'restore', ...BESIDE]);

export const renderSuccess = (receipt: Receipt, url: string | null, { style }: Pick<Terminal, 'style'>): string[] => {
  const what = `${style.green('✓')} ${style.bold(receipt.app)} ${DONE[receipt.kind](receipt)}`;
  const { served, held, failed } = receipt.requests;
  const busy = served + held + failed > 0 && !BESIDE.has(receipt.kind);
  return [
    `${what} ${style.dim(`(${duration(receipt.ms)})`)}`,
    ...(url && receipt.kind !== 'stop' ? [`  ${style.cyan(url)}`] : []),
    ...(busy
      ? [`  requests meanwhile: ${count(served)} served, ${count(held)} held for a moment, ${failedText(failed, style)}`]
      : []),
    ...nextCommand(receipt).map((line) => style.dim(`  ${style.hint(line)}`)),
  ];
};

export const renderFailure = (receipt: Receipt, { style }: Pick<Terminal, 'style'>): string[] => {
  const error = receipt.error;
  const keeps = receipt.kind === 'deploy' || receipt.kind === 'configure' || receipt.kind === 'rollback';
  const serves = keeps && receipt.previousRelease ? `, release ${receipt.previousRelease} still serves` : '';
  if (error?.code === 'OPERATION_CANCELLED') {
    return [`${style.yellow('Cancelled:')} the ${NAMES[receipt.kind]} of ${receipt.app}${serves}; what it had begun is undone`];
  }
  return [
    `${style.red('Error:')} the ${NAMES[receipt.kind]} of ${receipt.app} failed${serves}`,
    ...(error
      ? [`  ${error.message.trimEnd()}`, `${style.cyan('Try:')} ${style.hint(error.hint)}`, style.dim(`(${error.code})`)]
      : []),
    style.dim(style.hint(`what it did: berth receipt ${receipt.app} ${receipt.operation}`)),
  ];
};

const failedText = (failed: number, style: Terminal['style']): string => {
  const text = `${count(failed)} failed`;
  return failed > 0 ? style.red(text) : text;
};

const DONE: Readonly<Record<Receipt['kind'], (receipt: Receipt) => string>> = {
  deploy: ({ changed, release }) => (changed ? `serves release ${release}` : `is unchanged, release ${release} serves on`),
  rollback: ({ release, previousRelease }) =>
    `is back on release ${release}${previousRelease ? `, from ${previousRelease}` : ''}`,
  configure: ({ release }) =>
    release === null ? 'has new values for its next release' : `serves release ${release} with the new values`,
  restart: () => 'was restarted',
  scale: () => 'has as many instances as asked',
  stop: () => 'is stopped; its data and releases stay',
  start: () => 'runs again',
  remove: () => 'was removed',
  backup: ({ restorePoint }) => `is backed up${restorePoint === null ? '' : `, restore point ${restorePoint}`}`,
  restore: () => 'was restored',
  drill: () => 'was rehearsed',
};

/** What an operation is called in a sentence. */
const NAMES: Readonly<Record<Receipt['kind'], string>> = {
  deploy: 'deploy',
  rollback: 'rollback',
  configure: 'change of configuration',
  restart: 'restart',
  scale: 'scaling',
  stop: 'stop',
  start: 'start',
  remove: 'removal',
  backup: 'backup',
  restore: 'restore',
  drill: 'drill',
};

const nextCommand = ({ kind, app, changed, release, restorePoint }: Receipt): string[] => {
  if (kind === 'deploy' && changed) {
    const first = release === 1 ? [] : [`to go back:   berth rollback ${app}`];
    return [`to watch it:  berth logs ${app} -f`, ...first];
  }
  if (kind === 'backup' && restorePoint !== null) return [`to go back:   berth restore ${app} --to ${restorePoint}`];
  if (kind === 'stop') return [`to start it again: berth start ${app}`];
  return [];
};
