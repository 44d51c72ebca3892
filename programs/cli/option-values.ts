/** Values of options and arguments, turned into what they mean or refused with a reason. */
import { InvalidArgumentError } from 'commander';

export const port = (text: string): number => {
  const value = whole(text);
  if (!(value >= 1 && value <= 65_535)) throw new InvalidArgumentError('A port is a number from 1 to 65535.');
  return value;
};

export const positive = (text: string): number => {
  const value = whole(text);
  if (!(value >= 1)) throw new InvalidArgumentError('It is a whole number, 1 or more.');
  return value;
};

export const collect = (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), text];

/** `web=3` as the service and its number. */
export const serviceCount = (text: string, before: Readonly<Record<string, number>> | undefined): Record<string, number> => {
  const found = /^([^=]+)=(\d+)$/.exec(text);
  if (!found?.[1]) throw new InvalidArgumentError('It is SERVICE=NUMBER, e.g. web=3.');
  return { ...before, [found[1]]: Number(found[2]) };
};

const whole = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN);
