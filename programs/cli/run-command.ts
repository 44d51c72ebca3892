/** A one-off command: our input to it, its output to ours. */
import { once } from 'node:events';
import { argvHeader, receivedError } from '@berth/protocol';
import { EXIT } from './exit-codes.ts';
import { onceInterrupted } from './interrupt.ts';
import type { Session } from './session.ts';

type Wanted = { readonly app: string; readonly argv: readonly string[]; readonly withInput: boolean };

export const runCommand = async (session: Session, { app, argv, withInput }: Wanted): Promise<number> => {
  const { terminal } = session;
  const client = await session.connect();
  using interrupt = onceInterrupted();
  try {
    const frames = client.stream('run', {
      params: { app },
      headers: { 'x-berth-argv': argvHeader(argv) },
      body: withInput ? terminal.input : null,
      signal: interrupt.signal,
    });
    for await (const frame of frames) {
      if (session.json) terminal.printJson(frame);
      if (frame.kind === 'exit') return frame.code;
      if (frame.kind === 'error') throw receivedError(frame.error);
      const to = frame.kind === 'stdout' ? terminal.out : terminal.err;
      if (!session.json && !to.write(Buffer.from(frame.data, 'base64'))) await once(to, 'drain');
    }
    return EXIT.failed;
  } catch (thrown) {
    // The daemon ends the command when its client goes.
    if (interrupt.signal.aborted) return EXIT.cancelled;
    throw thrown;
  } finally {
    // A terminal, or a pipe whose writer lives on, would keep this process waiting for input that nobody takes.
    terminal.input.destroy();
  }
};
