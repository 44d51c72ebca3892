/** When to try again. Pure. */
import { CLOSE } from '../domain/messages.ts';

const FIRST_MS = 200;
const LONGEST_MS = 10_000;
/** A restart closes every socket at one moment; their owners come back spread over this time. */
const RESTART_SPREAD_MS = 300;
const RESTARTS_BELIEVED = 2;

export type LostConnection = {
  /** Failed attempts since the last connection that held: 0 for the first. */
  readonly attempt: number;
  /** How the socket was closed. */
  readonly code: number;
  /** From 0 up to, not including, 1. */
  readonly random: number;
};

/** Milliseconds to wait: 200, 400, … 10,000, each shortened by up to a half, so that not all come at once. */
export function reconnectDelayMs({ attempt, code, random }: LostConnection): number {
  // Also soon after a crash; only a server that does nothing but restart is left alone for longer.
  if (code === CLOSE.restart && attempt <= RESTARTS_BELIEVED) return random * RESTART_SPREAD_MS;
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return full * (1 - random / 2);
}
