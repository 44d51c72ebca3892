/** Replays the steps of a guide in their order. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place, Replay, Step } from './step.ts';

const AGAIN_MS = 500;

/** Why a step does not run there; null when it does. */
export const whyLeft = ({ replay }: Step, kind: Place['kind']): string | null => {
  if ('left' in replay) return replay.left;
  if (replay.needs === 'machine' && kind !== 'machine') return 'needs a machine of its own with systemd';
  return replay.needs === 'tools' && kind === 'machine' ? 'needs a tool that a bare machine has not' : null;
};

/** Types the command of a step, and throws with what it printed unless it did what it shall. */
export async function replayStep({ replay }: Step, place: Place): Promise<void> {
  if ('left' in replay) throw new Error(replay.left);
  await using _others = (await replay.meanwhile?.(place)) ?? null;
  const end = performance.now() + (replay.withinMs ?? 0);
  for (;;) {
    const problem = await problemOf(replay, place);
    if (problem === null) return;
    if (performance.now() > end) throw problem;
    await sleep(AGAIN_MS);
  }
}

async function problemOf(replay: Replay, place: Place): Promise<Error | null> {
  const command = withFacts(replay.command, place.facts);
  const { code, output } = await place.type(command);
  const shown = `$ ${command}\n${output.slice(-4_000)}`;
  if (code !== (replay.code ?? 0)) return new Error(`ended with ${code}\n${shown}`);
  try {
    if (typeof replay.shows === 'function') replay.shows(output, place);
    else for (const pattern of [replay.shows].flat()) assert.match(output, pattern);
  } catch (cause) {
    return new Error(`${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)}\n${shown}`, { cause });
  }
  return null;
}

const withFacts = (command: string, facts: ReadonlyMap<string, string>): string =>
  command.replaceAll(/(?<!\$)\{([a-z]+)\}/g, (_, name: string) => {
    const fact = facts.get(name);
    assert.ok(fact !== undefined, `nobody has said what {${name}} is`);
    return fact;
  });
