import { constants } from 'node:os';

/** How a program ended: one of the two is null. */
export type Ending = { readonly exitCode: number | null; readonly signal: string | null };

/** A shell tells "ended by signal n" as 128 + n. */
export const parseShellCode = (code: number): Ending => {
  const signal = SIGNAL_NAMES.get(code - 128);
  return signal === undefined ? { exitCode: code, signal: null } : { exitCode: null, signal };
};

export const signalName = (number: number): string => SIGNAL_NAMES.get(number) ?? `SIG${number}`;

/** Some numbers have several names: the usual one is kept. */
const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals)
    .filter(([name]) => name !== 'SIGIOT' && name !== 'SIGPOLL' && name !== 'SIGUNUSED')
    .map(([name, number]) => [number, name]),
);
