/** Hands of the demo: pictures, documents and records by the ways of the panel, each made once. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { ContentType } from '../../content/content-type.ts';
import type { Draft } from '../../content/draft.ts';
import type { Value } from '../../content/field.ts';
import { slugOf } from '../../content/slug.ts';
import type { Destination } from '../destination.ts';
import { createRecordIntake } from '../record-intake.ts';
import { drawPicture, type MachineName, type Scene } from './drawing/picture.ts';
import type { ToneName } from './drawing/solids.ts';

const DAY_MS = 86_400_000;

export type DemoSite = AsyncDisposable & {
  /** Of the site's first day; what the demo calls today. */
  readonly todayMs: number;
  picture(name: string, svg: string, alt: string): Promise<number>;
  /** A drawing of one or two machines. */
  machines(
    name: string,
    of: { readonly machines: readonly MachineName[]; readonly tone: ToneName; readonly label?: string },
  ): Promise<number>;
  document(name: string, content: Buffer): Promise<number>;
  /** Gives the id; what is there is brought to what the demo says. */
  record(
    type: ContentType,
    fields: Readonly<Record<string, Value>>,
    more?: Omit<Draft, 'fields'> & { readonly daysAgo?: number },
  ): number;
};

export const openDemoSite = async (destination: Destination, todayMs: number): Promise<DemoSite> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'bluejay-demo-'));
  const intake = createRecordIntake(destination);
  const add = async (
    name: string,
    content: Buffer,
    about: { readonly alt: string; readonly isDecorative?: boolean },
  ): Promise<number> => {
    const place = path.join(directory, randomBytes(6).toString('hex'));
    await writeFile(place, content, { flag: 'wx' });
    const { id } = await destination.addFile({ path: place, name, about });
    return id;
  };
  const picture = async (name: string, svg: string, alt: string): Promise<number> =>
    await add(`${slugOf(name)}.png`, await sharp(Buffer.from(svg)).png({ compressionLevel: 9 }).toBuffer(), { alt });
  return {
    todayMs,
    picture,
    machines: (name, { machines, tone, label }) =>
      picture(
        name,
        drawPicture({ name, tone, scenes: placesOf(machines), ...(label !== undefined && { label }) }),
        `Drawing: ${machines.map((machine) => ALTS[machine]).join(' and ')}`,
      ),
    document: (name, content) => add(name, content, { alt: '' }),
    record: (type, fields, { daysAgo = 400, ...more } = {}) => {
      const createdAtMs = todayMs - Math.max(0, daysAgo) * DAY_MS;
      const isPublished = type.lifecycle === 'publication' && (more.status ?? 'published') === 'published';
      const draft: Draft = {
        ...(type.slug !== undefined && { slug: slugOf(String(fields[type.slug.from] ?? '')) }),
        ...(type.lifecycle === 'publication' && { status: 'published' as const }),
        ...(isPublished && { publishAtMs: todayMs - daysAgo * DAY_MS }),
        ...more,
        fields,
      };
      return intake.take(type, { draft, createdAtMs }).id;
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
};

/** How each stands best in the picture. */
const SIZES: Readonly<Record<MachineName, { readonly scale: number; readonly y: number }>> = {
  transmitter: { scale: 1.85, y: 880 },
  flowmeter: { scale: 1.55, y: 790 },
  proximity: { scale: 1.75, y: 720 },
  drive: { scale: 1.6, y: 850 },
  motor: { scale: 1.7, y: 740 },
  controller: { scale: 1.4, y: 740 },
  gateway: { scale: 1.75, y: 760 },
  axis: { scale: 1.35, y: 680 },
  robot: { scale: 1.75, y: 860 },
  conveyor: { scale: 1.35, y: 740 },
  tanks: { scale: 1.4, y: 790 },
};

const placesOf = (machines: readonly MachineName[]): readonly Scene[] =>
  machines.length === 1
    ? machines.map((machine) => ({ machine, x: 800, ...SIZES[machine] }))
    : machines.map((machine, index) => ({
        machine,
        x: 540 + index * 540,
        scale: SIZES[machine].scale * 0.72,
        y: SIZES[machine].y - 150 + index * 200,
      }));

const ALTS: Readonly<Record<MachineName, string>> = {
  transmitter: 'a transmitter with a hexagonal fitting and a round plug',
  flowmeter: 'a flow meter between two flanges, with a display on top',
  proximity: 'a threaded sensor on a bracket, with its cable',
  drive: 'a drive for a cabinet, with cooling fins and a display',
  motor: 'a servo motor lying on its side, its shaft to the right',
  controller: 'a row of control modules on a rail',
  gateway: 'a flat gateway with two aerials and five ports',
  axis: 'a linear axis with a carriage on two rails',
  robot: 'a robot arm that holds a red part',
  conveyor: 'a conveyor belt with four parcels',
  tanks: 'three tanks that are connected by pipes',
};
