import type { Target } from '@berth/replicate';
import { DamagedObject, type Fields, findJson, putJson } from './sealed-json.ts';
import type { PointAbout, StoreAbout, VaultCatalogue } from './vault.ts';

export const putStore = (sealed: Target, { id, app, store, kind, path }: StoreAbout, signal?: AbortSignal): Promise<void> =>
  putJson(sealed, STORES + id, { id, app, store, kind, path }, { signal });

export const putPoint = (sealed: Target, about: PointAbout, signal?: AbortSignal): Promise<void> => {
  const { number, app, at, kind, label, release, positions } = about;
  return putJson(sealed, pointName(number), { number, app, at, kind, label, release, positions }, { signal });
};

export const deletePoints = (sealed: Target, numbers: readonly number[], signal?: AbortSignal): Promise<void> =>
  sealed.delete(numbers.map(pointName), signal);

/** Everything that a target says of its stores and points. Throws where it does not answer; what is damaged is named. */
export const readVaultCatalogue = async (sealed: Target, signal?: AbortSignal): Promise<VaultCatalogue> => {
  const damaged: string[] = [];
  const read = async <About>(prefix: string, parse: (fields: Fields, name: string) => About): Promise<About[]> => {
    const names: string[] = [];
    for await (const { name } of sealed.list(prefix, signal)) names.push(name);
    const found: About[] = [];
    await eachOf(names, async (name) => {
      try {
        const fields = await findJson(sealed, name, signal);
        // Deleted since it was listed.
        if (fields !== undefined) found.push(parse(fields, name));
      } catch (error) {
        if (!(error instanceof DamagedObject)) throw error;
        damaged.push(name);
      }
    });
    return found;
  };
  const stores = await read(STORES, parseStore);
  const points = await read(POINTS, parsePoint);
  return {
    stores: stores.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    points: points.toSorted((a, b) => b.number - a.number),
    damaged: damaged.toSorted(),
  };
};

const STORES = 'stores/';
const POINTS = 'points/';
const AT_ONCE = 8;

const pointName = (number: number): string => `${POINTS}${String(number).padStart(8, '0')}`;

const eachOf = async (names: readonly string[], work: (name: string) => Promise<void>): Promise<void> => {
  const waiting = names.values();
  const drain = async (): Promise<void> => {
    for (const name of waiting) await work(name);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, drain));
};

const parseStore = (fields: Fields, name: string): StoreAbout => {
  const { id, app, store, kind, path } = fields;
  const isText = typeof id === 'string' && typeof app === 'string' && typeof store === 'string' && typeof path === 'string';
  if (!isText || STORES + id !== name || (kind !== 'sqlite' && kind !== 'files')) throw new DamagedObject(name, 'it is no store');
  return { id, app, store, kind, path };
};

const parsePoint = (fields: Fields, name: string): PointAbout => {
  const { number, app, at, kind, label, release, positions } = fields;
  const isWhole = typeof number === 'number' && pointName(number) === name && typeof app === 'string' && typeof at === 'number';
  const isNamed = typeof kind === 'string' && (label === null || typeof label === 'string');
  const hasRelease = release === null || typeof release === 'number';
  const hasPositions = typeof positions === 'object' && positions !== null && !Array.isArray(positions);
  if (!(isWhole && isNamed && hasRelease && hasPositions)) throw new DamagedObject(name, 'it is no restore point');
  return { number, app, at, kind, label, release, positions: { ...positions } };
};
