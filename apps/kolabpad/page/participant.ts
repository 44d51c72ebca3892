/** Who one is in this browser: a name and a hue, kept from visit to visit. */
import { anonymousName } from '../domain/animals.ts';
import { readSetting, writeSetting } from './settings.ts';

export type Participant = { readonly name: string; readonly hue: number };

export const LONGEST_NAME = 25;
/** Hues that are closer than this look alike. */
const CLOSEST_HUES_DEGREES = 30;
const MAX_REROLLS = 20;

export function readParticipant(): Participant {
  const name = readSetting('name') ?? anonymousName(Math.random);
  const stored = Number(readSetting('hue') ?? Number.NaN);
  return { name, hue: Number.isInteger(stored) && stored >= 0 && stored < 360 ? stored : randomHue() };
}

export function writeParticipant({ name, hue }: Participant): void {
  writeSetting('name', name);
  writeSetting('hue', String(hue));
}

/** What is left of a name as somebody typed it; null when nothing is. */
export function trimName(typed: string): string | null {
  const name = typed.replace(/\s+/g, ' ').trim().slice(0, LONGEST_NAME).trim();
  return name === '' ? null : name.toWellFormed();
}

const randomHue = (random: () => number = Math.random): number => Math.floor(random() * 360);

/** A hue unlike those of the others; after so many tries, whichever came last. */
export function freeHue(others: readonly number[], random: () => number = Math.random): number {
  let hue = randomHue(random);
  for (let tries = 1; tries < MAX_REROLLS && collides(hue, others); tries += 1) hue = randomHue(random);
  return hue;
}

export const collides = (hue: number, others: readonly number[]): boolean =>
  others.some((other) => {
    const distance = Math.abs(hue - other) % 360;
    return Math.min(distance, 360 - distance) < CLOSEST_HUES_DEGREES;
  });
