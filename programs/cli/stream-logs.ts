/** Prints log lines as they come; while following, a daemon that is replaced is found again. */
import { once } from 'node:events';
import type { BerthError } from '@berth/core';
import type { LogLine, RouteQuery } from '@berth/protocol';
import { localTime } from './output/quantities.ts';
import type { Terminal } from './output/terminal.ts';
import type { Session } from './session.ts';

type Query = { [K in keyof RouteQuery<'logs'>]?: RouteQuery<'logs'>[K] | undefined };
type Wanted = { readonly app: string; readonly query: Query; readonly signal: AbortSignal };

export const streamLogs = async (session: Session, { app, query, signal }: Wanted): Promise<void> => {
  const { terminal } = session;
  const position = createPosition();
  for (;;) {
    const client = await session.connect();
    try {
      for await (const line of client.stream('logs', { params: { app }, query: position.resume(query), signal })) {
        if (!position.isNew(line)) continue;
        const text = session.json ? JSON.stringify(line) : renderLogLine(line, terminal, { withApp: false });
        if (!terminal.out.write(`${text}\n`)) await once(terminal.out, 'drain');
      }
      return;
    } catch (thrown) {
      if (signal.aborted) return;
      if (!query.follow || (thrown as BerthError).code !== 'PLATFORM_CONNECTION_LOST') throw thrown;
    }
  }
};

type Position = {
  /** The query with which a stream that broke off is asked again. */
  resume(query: Query): Query;
  /** False for a line that came before the break. */
  isNew(line: LogLine): boolean;
};

/** Lines have a time and no number: the lines of the last millisecond are counted. */
export const createPosition = (): Position => {
  let last: string | null = null;
  let printed = 0;
  let skip = 0;
  return {
    resume: (query) => {
      if (last === null) return query;
      skip = printed;
      return { ...query, since: last, tail: undefined };
    },
    isNew: ({ at }) => {
      if (at === last && skip > 0) {
        skip -= 1;
        return false;
      }
      printed = at === last ? printed + 1 : 1;
      last = at;
      return true;
    },
  };
};

export const renderLogLine = (
  line: LogLine,
  { style }: Pick<Terminal, 'style'>,
  options: { readonly withApp: boolean },
): string => {
  const from = options.withApp ? `${line.app} ${line.instance}` : line.instance;
  const text = line.level === 'error' ? style.red(line.text) : line.level === 'warn' ? style.yellow(line.text) : line.text;
  return `${style.dim(localTime(line.at))} ${style.cyan(from)} ${text}`;
};
