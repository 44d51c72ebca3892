/** Shows an operation step by step: drawn over on a terminal, a line per finished step elsewhere, nothing with --json. */
import { stripVTControlCharacters } from 'node:util';
import type { Operation, Step } from '@berth/protocol';
import { duration } from './quantities.ts';
import { fit } from './style.ts';
import type { Terminal } from './terminal.ts';

export type Progress = {
  update(operation: Operation): void;
  /** What the app's own build or release command says. */
  output(lines: readonly string[]): void;
  /** How far the running step is with one of its parts, from 0 to 1. */
  share(part: string, fraction: number): void;
  /** A line that stays, above the steps. */
  note(text: string): void;
  /** Leaves the last state on the screen. */
  end(): void;
};

type Options = { readonly json: boolean; readonly now?: () => number };

export const createProgress = (terminal: Terminal, { json, now = Date.now }: Options): Progress =>
  json ? silent : terminal.live ? liveProgress(terminal, now) : plainProgress(terminal);

const silent: Progress = { update: () => {}, output: () => {}, share: () => {}, note: () => {}, end: () => {} };

const plainProgress = (terminal: Terminal): Progress => {
  const shown = new Map<string, Step['state']>();
  return {
    update: ({ steps }) => {
      for (const step of steps) {
        if (shown.get(step.name) === step.state) continue;
        shown.set(step.name, step.state);
        if (step.state === 'done' || step.state === 'failed' || step.state === 'undone')
          terminal.note(stepLine(step, plainMark[step.state]));
      }
    },
    output: (lines) => terminal.note(...lines.map((line) => `    | ${line}`)),
    // A log wants to know that it is done, not how far it is.
    share: () => {},
    note: (text) => terminal.note(text),
    end: () => {},
  };
};

const plainMark = { done: 'ok    ', failed: 'FAILED', undone: 'undone' } as const;

const REDRAW_MS = 100;
/** The last lines of a build stay below its step while it runs. */
const OUTPUT_LINES = 4;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

const liveProgress = (terminal: Terminal, now: () => number): Progress => {
  const { style, err } = terminal;
  const began = new Map<string, number>();
  let steps: readonly Step[] = [];
  let output: readonly string[] = [];
  const shares = new Map<string, number>();
  let drawn = 0;
  let turn = 0;

  const mark = (step: Step): string => {
    if (step.state === 'done') return style.green('✓');
    if (step.state === 'failed') return style.red('✗');
    if (step.state === 'undone') return style.yellow('↺');
    return step.state === 'running' ? style.cyan(SPINNER[turn % SPINNER.length] ?? '') : style.dim('·');
  };
  const line = (step: Step): string => {
    const since = began.get(step.name);
    const ms = step.ms ?? (step.state === 'running' && since !== undefined ? now() - since : null);
    const text = stepLine({ ...step, ms }, mark(step));
    return step.state === 'pending' ? style.dim(text) : text;
  };
  const below = (): string[] => [...[...shares].map(([part, fraction]) => `${part} ${Math.floor(fraction * 100)} %`), ...output];
  const erase = (): string => (drawn > 0 ? `\x1b[${drawn}A\x1b[J` : '');
  const draw = (above = ''): void => {
    const lines = steps
      .flatMap((step) => [
        line(step),
        ...(step.state === 'running' ? below().map((text) => style.dim(`      ${plainText(text)}`)) : []),
      ])
      .map(
        (text) => `${fit(text, Math.min(terminal.width, WIDEST))}
`,
      );
    // One write, so that nothing flickers.
    err.write(erase() + above + lines.join(''));
    drawn = lines.length;
  };
  const timer = setInterval(() => {
    turn += 1;
    draw();
  }, REDRAW_MS);
  timer.unref();

  return {
    update: (operation) => {
      if (operation.steps.find(isRunning)?.name !== steps.find(isRunning)?.name) {
        output = [];
        shares.clear();
      }
      steps = operation.steps;
      for (const step of steps) if (step.state === 'running' && !began.has(step.name)) began.set(step.name, now());
      draw();
    },
    output: (lines) => {
      output = [...output, ...lines].slice(-OUTPUT_LINES);
      draw();
    },
    share: (part, fraction) => {
      shares.set(part, Math.min(1, Math.max(0, fraction)));
      draw();
    },
    note: (text) => draw(`${text}\n`),
    end: () => {
      clearInterval(timer);
      draw();
      drawn = 0;
    },
  };
};

const WIDEST = 200;

const isRunning = ({ state }: Step): boolean => state === 'running';

/** Without what would move the cursor. */
const plainText = (text: string): string => stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f]/g, ' ');

/** As long as the longest name of a step, held-restore-point. */
const STEP_WIDTH = 18;

const stepLine = (step: Step, mark: string): string =>
  `  ${mark} ${step.name.padEnd(STEP_WIDTH)} ${(step.ms === null ? '' : duration(step.ms)).padStart(8)}  ${step.note ?? ''}`.trimEnd();
