import { isOtherValue, otherValueOf } from '@berth/core';
import type { Journal } from '@berth/journal';
import { generateSecret, type Sealer } from '@berth/secrets';
import { secretNotRotating, secretUnknown } from './errors.ts';

export type Rotation = {
  /** New values, which are believed from now on and used by nobody yet; null: one is made. */
  readonly offer: Readonly<Record<string, string | null>>;
  /** The two values change places: the new one is used, the former is still believed. */
  readonly exchange: readonly string[];
  /** The other value is believed no more, and no rollback brings a former one back. */
  readonly finish: readonly string[];
};

/** Checks everything first; what is returned changes the journal, within the transaction of whoever calls it. */
export async function planRotation(
  { journal, sealer }: { journal: Journal; sealer: Sealer },
  app: string,
  { offer, exchange, finish }: Rotation,
): Promise<() => void> {
  const { configuration } = journal;
  const current = new Map(configuration.secrets(app).map((row) => [row.name, row]));
  const get = (name: string) => {
    const found = current.get(name);
    if (found === undefined) throw secretUnknown(app, name);
    return { sealed: found.value, generated: found.generated };
  };
  const getOther = (name: string) => {
    get(name);
    if (!current.has(otherValueOf(name))) throw secretNotRotating(app, name);
    return get(otherValueOf(name));
  };
  const offered = await Promise.all(
    Object.entries(offer).map(async ([name, value]) => {
      get(name);
      return [otherValueOf(name), { sealed: await sealer.seal(value ?? generateSecret()), generated: value === null }] as const;
    }),
  );
  const exchanged = exchange.map((name) => ({ name, first: getOther(name), other: get(name) }));
  for (const name of finish) getOther(name);
  return () => {
    for (const [name, value] of offered) configuration.setSecret(app, name, value);
    for (const { name, first, other } of exchanged) {
      configuration.setSecret(app, name, first);
      configuration.setSecret(app, otherValueOf(name), other);
    }
    for (const name of finish) {
      configuration.setSecret(app, otherValueOf(name), null);
      configuration.forgetFormer(app, [name, otherValueOf(name)]);
    }
  };
}

/** A value that a release is given: under which name, and which version of which secret that is. */
export type GivenSecret = { readonly name: string; readonly from: string; readonly version: number };

/**
 * What a release is given now. Its own versions; where one was forgotten, the current one. While a rotation goes on, also the
 * value beside it: a release from before it believes the current one, so that a rollback takes nothing from anybody.
 */
export function secretsGiven(journal: Journal, app: string, frozen: Readonly<Record<string, number>>): GivenSecret[] {
  const { configuration } = journal;
  const current = new Map(configuration.secrets(app).map(({ name, version }) => [name, version]));
  const names = new Set([...Object.keys(frozen), ...current.keys()]);
  return Object.entries(frozen).flatMap(([name, version]): GivenSecret[] => {
    if (isOtherValue(name, names)) return [];
    const now = current.get(name);
    const kept = configuration.secret(app, name, version) ? version : now;
    if (kept === undefined) return [];
    const given = { name, from: name, version: kept };
    const other = current.get(otherValueOf(name));
    if (other === undefined || now === undefined) return [given];
    const beside = kept === now ? { from: otherValueOf(name), version: other } : { from: name, version: now };
    return [given, { name: otherValueOf(name), ...beside }];
  });
}
