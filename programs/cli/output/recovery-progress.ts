/** What a recovery does, as it does it. */
import type { RecoveryEvent } from '@berth/operations';
import type { Session } from '../session.ts';
import { bytes, duration } from './quantities.ts';

export type RecoveryProgress = {
  report(event: RecoveryEvent): void;
  /** What had to be installed, and how long that took. */
  tools(): { readonly installed: readonly string[]; readonly bytes: number; readonly ms: number };
};

/** A long download says how far it is now and then; a line for each is enough. */
const TELL_EVERY_MS = 3_000;

export const followRecovery = ({ terminal, json }: Session): RecoveryProgress => {
  let tools = { installed: [] as readonly string[], bytes: 0, ms: 0 };
  const toldAt = new Map<string, number>();
  return {
    tools: () => tools,
    report(event) {
      if (event.event === 'tools') tools = event;
      if (event.event === 'part.progress') {
        const now = performance.now();
        const last = toldAt.get(event.part) ?? now;
        if (!toldAt.has(event.part)) toldAt.set(event.part, now);
        if (now - last < TELL_EVERY_MS) return;
        toldAt.set(event.part, now);
      }
      if (json) return terminal.printJson(event);
      const line = renderEvent(event, terminal.style);
      if (line !== null) terminal.note(line);
    },
  };
};

type Style = Session['terminal']['style'];

const renderEvent = (event: RecoveryEvent, style: Style): string | null => {
  switch (event.event) {
    case 'target.open':
      return style.dim(`  ${event.target} answers (${event.url})`);
    case 'target.silent':
      return `${style.yellow('Warning:')} ${event.target} does not answer: ${event.reason}`;
    case 'tools':
      return event.installed.length === 0
        ? null
        : style.dim(`  installed ${event.installed.join(', ')}: ${bytes(event.bytes)}, ${duration(event.ms)}`);
    case 'resumed':
      return `  going on with the recovery begun ${event.startedAt}: ${event.partsDone} parts are there`;
    case 'claimed':
      return style.dim(`  ${event.target} is ours now${event.from === null ? '' : `, no longer ${event.from}’s`}`);
    case 'part.started':
      return null;
    case 'part.progress':
      return style.dim(
        `    ${event.part}: ${Math.floor(event.fraction * 100)} %${event.bytes === null ? '' : ` of ${bytes(event.bytes)}`}`,
      );
    case 'part.failed':
      return `${style.yellow('Warning:')} ${event.part} does not come back from ${event.target}: ${event.reason}`;
    case 'part.done': {
      const { outcome, note, target, bytes: size, ms } = event.result;
      if (outcome === 'lost') return `  ${style.red('✗')} ${event.part}: ${note}`;
      if (outcome === 'nothing') return style.dim(`  · ${event.part}: ${note}`);
      return `  ${style.green('✓')} ${event.part.padEnd(28)} ${bytes(size ?? 0).padStart(9)}  ${duration(ms).padStart(8)}  from ${target}`;
    }
  }
};
