/** Stays with an operation until it has ended, whatever happens to the daemon or the user's patience meanwhile. */
import type { BerthError } from '@berth/core';
import type { Client, Operation } from '@berth/protocol';
import { cancelled } from './errors.ts';
import { createProgress, type Progress } from './output/progress.ts';
import type { Terminal } from './output/terminal.ts';
import type { Session } from './session.ts';

/** A daemon that dies this often without anything happening in between will not get further by being asked again. */
const RECONNECTS = 5;

export const isOver = ({ state }: Operation): boolean => state === 'succeeded' || state === 'failed' || state === 'cancelled';

/** The operation as it ended. The first Ctrl-C asks for it to be cancelled, the second leaves it alone (CLI_CANCELLED). */
export const followOperation = async (session: Session, client: Client, started: Operation): Promise<Operation> => {
  const progress = createProgress(session.terminal, { json: session.json });
  using interrupts = onInterrupt(client, started, progress);
  progress.note(titleOf(started, session.terminal));
  try {
    return await follow(session, { client, id: started.id, progress, signal: interrupts.leaving });
  } catch (thrown) {
    if (!interrupts.leaving.aborted) throw thrown;
    throw cancelled(`no longer following operation ${started.id} of ${started.app}: it goes on without you`);
  } finally {
    progress.end();
  }
};

type Following = { client: Client; readonly id: number; readonly progress: Progress; readonly signal: AbortSignal };

const follow = async (session: Session, following: Following): Promise<Operation> => {
  const { id, progress, signal } = following;
  let seen = 0;
  let failures = 0;
  const look = async (): Promise<Operation> => {
    const operation = await following.client.call('operation', { params: { id }, signal });
    progress.update(operation);
    return operation;
  };
  for (;;) {
    try {
      let operation = await look();
      if (isOver(operation)) return operation;
      for await (const event of following.client.stream('events', {
        query: { operation: id, since: seen, follow: true },
        signal,
      })) {
        seen = event.seq;
        failures = 0;
        if (event.name === 'operation.output') {
          progress.output(event.fields.lines as string[]);
          continue;
        }
        if (event.name === 'operation.progress') {
          progress.share(String(event.fields.store), Number(event.fields.fraction));
          continue;
        }
        // Events say that something happened; the operation says what is.
        operation = await look();
        if (isOver(operation)) return operation;
      }
      failures += 1;
    } catch (thrown) {
      failures += 1;
      if (signal.aborted || !isGone(thrown) || failures > RECONNECTS) throw thrown;
    }
    if (failures > RECONNECTS) return look();
    progress.note(session.terminal.style.yellow('the connection to the daemon broke off; going on with the operation'));
    following.client = await session.connect();
  }
};

const isGone = (thrown: unknown): boolean =>
  ['PLATFORM_NOT_RUNNING', 'PLATFORM_CONNECTION_LOST'].includes((thrown as BerthError | undefined)?.code ?? '');

const onInterrupt = (
  client: Client,
  operation: Operation,
  progress: Progress,
): Disposable & { readonly leaving: AbortSignal } => {
  const leaving = new AbortController();
  let asked = false;
  const interrupted = (): void => {
    if (asked) {
      leaving.abort();
      return;
    }
    asked = true;
    progress.note(`cancelling the ${operation.kind} of ${operation.app}, waiting for its outcome (Ctrl-C again stops waiting)`);
    client
      .call('cancel', { params: { id: operation.id } })
      .catch((thrown: BerthError) => progress.note(`not cancelled: ${thrown.message}`));
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  return {
    leaving: leaving.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', interrupted);
      process.off('SIGTERM', interrupted);
    },
  };
};

const titleOf = (operation: Operation, { style }: Terminal): string =>
  `${style.bold(`${operation.kind} ${operation.app}`)} ${style.dim(`(operation ${operation.id})`)}`;
