/** What the company of the demo makes, drawn: dice decide about proportions. Everything stands on the floor around 0, 0. */
import type { Dice } from '../random.ts';
import { box, extrude, type Flat, line, onLeft, onRight, type Point, rod, shadow, TONES, type Tone } from './solids.ts';

export type Machine = (dice: Dice, accent: Tone) => string;

const { black, blue, steel, white, yellow, green, red } = TONES;
const plus = ([x, y, z]: Point, [u, v, w]: Point): Point => [x + u, y + v, z + w];

/** A transmitter that is screwed into a pipe. */
const transmitter: Machine = (dice, accent) => {
  const body = dice.between(120, 190);
  const head = dice.between(76, 96);
  const top = 66 + body;
  return [
    shadow(-90, -60, 150, 130, 260),
    rod({ at: [0, 0, 0], axis: 'z', length: 34, radius: 34, tone: steel }),
    rod({ at: [0, 0, 30], axis: 'z', length: 44, radius: 82, tone: steel, corners: 6 }),
    rod({ at: [0, 0, 70], axis: 'z', length: body, radius: 62, tone: white }),
    rod({ at: [0, 0, 70 + body * 0.55], axis: 'z', length: 16, radius: 64, tone: accent }),
    rod({ at: [0, 0, top], axis: 'z', length: 92, radius: head, tone: accent }),
    rod({ at: [0, 0, top + 92], axis: 'z', length: 14, radius: head - 12, tone: black }),
    rod({ at: [0, 0, top + 106], axis: 'z', length: 58, radius: 27, tone: steel }),
    rod({ at: [0, 0, top + 122], axis: 'z', length: 22, radius: 33, tone: black }),
  ].join('');
};

/** A meter in its pipe. */
const flowmeter: Machine = (dice, accent) => {
  const half = dice.between(210, 260);
  const neck = dice.between(50, 90);
  const head = { at: [-80, -70, 170 + neck], size: [160, 140, 150], tone: accent } as const;
  return [
    shadow(-half, -60, half * 2, 120, 120),
    rod({ at: [-half, 0, 90], axis: 'x', length: 30, radius: 92, tone: steel }),
    rod({ at: [-half + 30, 0, 90], axis: 'x', length: half * 2 - 60, radius: 62, tone: white }),
    rod({ at: [-34, 0, 90], axis: 'x', length: 68, radius: 78, tone: accent }),
    rod({ at: [0, 0, 150], axis: 'z', length: neck + 20, radius: 30, tone: steel }),
    rod({ at: [half - 30, 0, 90], axis: 'x', length: 30, radius: 92, tone: steel }),
    box(head),
    onLeft(head, [22, 34], [116, 84], '#111827'),
    onLeft(head, [34, 74], [62, 12], '#4ADE80'),
    onLeft(head, [34, 52], [88, 8], '#9CA3AF'),
    onRight(head, [30, 30], [80, 20], '#111827'),
  ].join('');
};

/** A barrel with a lens and a cable. */
const proximity: Machine = (dice, accent) => {
  const length = dice.between(260, 340);
  const threads = Array.from({ length: 9 }, (_, index) =>
    rod({ at: [-130 + index * 22, 0, 120], axis: 'x', length: 10, radius: 70, tone: steel }),
  );
  return [
    shadow(-180, -50, length + 60, 110, 90),
    box({ at: [-70, -90, 0], size: [90, 180, 46], tone: black }),
    line(
      [
        [-190, 0, 120],
        [-330, 40, 60],
        [-420, 120, 10],
      ],
      22,
      '#111827',
    ),
    rod({ at: [-200, 0, 120], axis: 'x', length: 60, radius: 48, tone: black }),
    rod({ at: [-150, 0, 120], axis: 'x', length, radius: 62, tone: steel }),
    ...threads,
    rod({ at: [-20, 0, 120], axis: 'x', length: 34, radius: 98, tone: steel, corners: 6 }),
    rod({ at: [length - 160, 0, 120], axis: 'x', length: 40, radius: 62, tone: accent }),
    rod({ at: [length - 120, 0, 120], axis: 'x', length: 6, radius: 40, tone: black }),
  ].join('');
};

/** A drive for the cabinet. */
const drive: Machine = (dice, accent) => {
  const [w, d, h] = [dice.between(170, 230), dice.between(170, 210), dice.between(330, 410)];
  const body = { at: [-w / 2, -d / 2, 26], size: [w, d, h], tone: white } as const;
  const fins = Array.from({ length: 7 }, (_, index) =>
    box({ at: [-w / 2 + 12, -d / 2 + 14 + index * ((d - 34) / 6), h + 26], size: [w - 24, 8, 34], tone: steel }),
  );
  const terminals = Array.from({ length: 6 }, (_, index) =>
    onLeft(body, [14 + index * ((w - 30) / 6), 14], [(w - 30) / 6 - 8, 34], index === 5 ? green.left : '#262F3D'),
  );
  const slots = Array.from({ length: 8 }, (_, index) =>
    onRight(body, [24, 60 + index * ((h - 110) / 8)], [d - 48, 10], '#4B5563'),
  );
  return [
    shadow(-w / 2, -d / 2, w, d, 250),
    box({ at: [-w / 2 - 14, -d / 2, 0], size: [w + 28, d, 26], tone: black }),
    box(body),
    onLeft(body, [0, h * 0.56], [w, h * 0.26], accent.left),
    onLeft(body, [26, h * 0.62], [w - 52, h * 0.14], '#111827'),
    onLeft(body, [38, h * 0.66], [(w - 76) * 0.7, 14], '#FDE047'),
    onLeft(body, [28, h * 0.36], [30, 30], accent.left),
    onLeft(body, [72, h * 0.36], [30, 30], '#262F3D'),
    onLeft(body, [28, h * 0.22], [w - 56, 12], '#9CA3AF'),
    ...terminals,
    ...slots,
    ...fins,
  ].join('');
};

/** A servo motor, lying. */
const motor: Machine = (dice, accent) => {
  const length = dice.between(230, 320);
  const side = dice.between(150, 180);
  const at: Point = [-length / 2 - 40, -side / 2, 40];
  const body = { at, size: [length, side, side], tone: black } as const;
  const ribs = Array.from({ length: 6 }, (_, index) =>
    onLeft(body, [16, 16 + index * ((side - 30) / 6)], [length - 32, 9], '#4B5563'),
  );
  const front = plus(at, [length, 0, 0]);
  return [
    shadow(at[0] - 80, -side / 2, length + 250, side, 110),
    box({ at: plus(at, [-90, 20, 16]), size: [90, side - 40, side - 40], tone: accent }),
    box(body),
    ...ribs,
    rod({ at: plus(at, [54, side / 2, side]), axis: 'z', length: 56, radius: 30, tone: steel }),
    rod({ at: plus(at, [54, side / 2, side + 56]), axis: 'z', length: 20, radius: 24, tone: accent }),
    rod({ at: plus(at, [150, side / 2, side]), axis: 'z', length: 56, radius: 30, tone: steel }),
    box({ at: plus(front, [0, -14, -14]), size: [26, side + 28, side + 28], tone: steel }),
    rod({ at: plus(front, [26, side / 2, side / 2]), axis: 'x', length: 20, radius: side * 0.34, tone: white }),
    rod({ at: plus(front, [46, side / 2, side / 2]), axis: 'x', length: dice.between(80, 110), radius: 26, tone: steel }),
  ].join('');
};

/** Modules on a rail. */
const controller: Machine = (dice, accent) => {
  const tones: readonly Tone[] = [accent, white, white, dice.pick([black, white]), white, dice.pick([yellow, accent])];
  const widths = tones.map((_, index) => (index === 0 ? 120 : dice.between(58, 76)));
  let x = -widths.reduce((sum, width) => sum + width, 0) / 2;
  const h = dice.between(240, 290);
  const modules = tones.map((tone, index) => {
    const w = widths[index] ?? 60;
    const module = { at: [x, -90, 30], size: [w, 180, h], tone } as const;
    x += w;
    const lamps = Array.from({ length: index === 0 ? 3 : 4 }, (_, lamp) =>
      onLeft(module, [14, h - 46 - lamp * 26], [14, 14], lamp < 2 ? '#4ADE80' : '#FDE047'),
    );
    const ports = Array.from({ length: index === 0 ? 2 : 5 }, (_, port) =>
      onLeft(module, [14, 18 + port * 27], [w - 28, 17], '#111827'),
    );
    return [box(module), ...lamps, ...ports].join('');
  });
  const all = widths.reduce((sum, width) => sum + width, 0);
  return [
    shadow(-all / 2, -90, all, 180, 190),
    box({ at: [-all / 2 - 70, -110, 60], size: [all + 140, 20, 60], tone: steel }),
    box({ at: [-all / 2 - 10, -100, 0], size: [all + 20, 200, 30], tone: black }),
    ...modules,
  ].join('');
};

/** A box with ports and aerials. */
const gateway: Machine = (dice, accent) => {
  const [w, d, h] = [dice.between(300, 360), 210, dice.between(80, 110)];
  const body = { at: [-w / 2, -d / 2, 20], size: [w, d, h], tone: accent } as const;
  const ports = Array.from({ length: 5 }, (_, index) =>
    onLeft(body, [24 + index * ((w - 50) / 5), 18], [(w - 50) / 5 - 12, h * 0.42], '#111827'),
  );
  const lamps = Array.from({ length: 6 }, (_, index) =>
    onLeft(body, [26 + index * 24, h - 24], [12, 10], index % 3 === 2 ? '#FDE047' : '#4ADE80'),
  );
  const aerial = (x: number): string =>
    rod({ at: [x, -d / 2 + 22, h + 20], axis: 'z', length: 26, radius: 15, tone: steel }) +
    rod({ at: [x, -d / 2 + 22, h + 46], axis: 'z', length: dice.between(190, 230), radius: 9, tone: black });
  return [
    shadow(-w / 2, -d / 2, w, d, 150),
    box({ at: [-w / 2 + 20, -d / 2 + 20, 0], size: [w - 40, d - 40, 20], tone: black }),
    box(body),
    ...ports,
    ...lamps,
    onRight(body, [30, 24], [d - 60, h - 48], white.left),
    aerial(-w / 2 + 40),
    aerial(w / 2 - 40),
    ...Array.from({ length: 4 }, (_, index) =>
      line(
        [
          [-w / 2 + 60, -30 + index * 28, h + 20],
          [w / 2 - 60, -30 + index * 28, h + 20],
        ],
        6,
      ),
    ),
  ].join('');
};

/** A linear axis with its carriage and motor. */
const axis: Machine = (dice, accent) => {
  const half = dice.between(300, 360);
  const where = dice.between(-160, 120);
  const rail = { at: [-half, -70, 30], size: [half * 2, 140, 56], tone: steel } as const;
  const carriage = { at: [where, -96, 100], size: [190, 192, 44], tone: accent } as const;
  return [
    shadow(-half, -70, half * 2, 140, 90),
    box({ at: [-half + 40, -90, 0], size: [60, 180, 30], tone: black }),
    box({ at: [half - 100, -90, 0], size: [60, 180, 30], tone: black }),
    box({ at: [-half - 150, -56, 34], size: [150, 112, 112], tone: black }),
    box(rail),
    rod({ at: [-half, -34, 98], axis: 'x', length: half * 2, radius: 12, tone: steel }),
    rod({ at: [-half, 34, 98], axis: 'x', length: half * 2, radius: 12, tone: steel }),
    box({ at: [-half, -80, 30], size: [30, 160, 110], tone: accent }),
    box(carriage),
    ...[0, 1].flatMap((u) =>
      [0, 1].map((v) => rod({ at: [where + 36 + u * 118, -60 + v * 120, 144], axis: 'z', length: 4, radius: 15, tone: black })),
    ),
    box({ at: [half - 30, -80, 30], size: [30, 160, 110], tone: accent }),
  ].join('');
};

/** An arm that takes and places. */
const robot: Machine = (dice, accent) => {
  const bend = dice.between(50, 66) * (Math.PI / 180);
  const joint: Flat = [0, 190];
  const elbow: Flat = [joint[0] - Math.cos(bend) * 210, joint[1] + Math.sin(bend) * 250];
  const hand: Flat = [elbow[0] + 270, elbow[1] + dice.between(-40, 10)];
  const limb = (from: Flat, to: Flat, r: number, y: number, tone: Tone): string =>
    extrude({ at: [0, y, 0], axis: 'y', length: 66, outline: capsule(from, to, r), tone });
  return [
    shadow(-110, -110, 220, 220, 220),
    box({ at: [-120, -120, 0], size: [240, 240, 26], tone: black }),
    rod({ at: [0, 0, 26], axis: 'z', length: 60, radius: 100, tone: steel }),
    rod({ at: [0, 0, 86], axis: 'z', length: 60, radius: 78, tone: accent }),
    limb(joint, elbow, 52, -36, accent),
    limb(elbow, hand, 40, 20, white),
    rod({ at: [joint[0], 26, joint[1]], axis: 'y', length: 30, radius: 40, tone: black }),
    rod({ at: [elbow[0], 82, elbow[1]], axis: 'y', length: 16, radius: 32, tone: black }),
    rod({ at: [hand[0] + 10, 54, hand[1] - 120], axis: 'z', length: 96, radius: 18, tone: steel }),
    box({ at: [hand[0] - 30, 10, hand[1] - 150], size: [80, 88, 28], tone: black }),
    box({ at: [hand[0] - 20, 18, hand[1] - 220], size: [60, 70, 62], tone: red }),
  ].join('');
};

const capsule = ([ax, ay]: Flat, [bx, by]: Flat, radius: number): readonly Flat[] => {
  const end = (x: number, y: number): Flat[] =>
    Array.from(
      { length: 24 },
      (_, index): Flat => [x + Math.cos((index / 24) * 2 * Math.PI) * radius, y + Math.sin((index / 24) * 2 * Math.PI) * radius],
    );
  return [...end(ax, ay), ...end(bx, by)];
};

/** A belt with what it carries. */
const conveyor: Machine = (dice, accent) => {
  const half = 360;
  const belt = { at: [-half, -80, 110], size: [half * 2, 160, 34], tone: black } as const;
  const leg = (x: number, y: number): string => box({ at: [x, y, 0], size: [24, 24, 110], tone: steel });
  const parcels = Array.from({ length: 4 }, (_, index) => {
    const side = dice.between(80, 112);
    return box({
      at: [-half + 46 + index * 170, -side / 2, 144],
      size: [side, side, dice.between(60, 120)],
      tone: index % 2 === 0 ? accent : dice.pick([white, yellow]),
    });
  });
  return [
    shadow(-half, -80, half * 2, 160, 100),
    ...[-half + 30, half - 60].flatMap((x) => [leg(x, -76), leg(x, 52)]),
    box(belt),
    onLeft(belt, [0, 8], [half * 2, 16], accent.left),
    ...parcels,
  ].join('');
};

/** Vessels with their pipes. */
const tanks: Machine = (dice, accent) => {
  const tank = (x: number, y: number, radius: number, h: number, tone: Tone): string =>
    [
      rod({ at: [x, y, 0], axis: 'z', length: 26, radius: radius * 0.8, tone: black }),
      rod({ at: [x, y, 26], axis: 'z', length: h, radius, tone }),
      rod({ at: [x, y, 26 + h * 0.6], axis: 'z', length: 22, radius: radius + 3, tone: accent }),
      rod({ at: [x, y, 26 + h], axis: 'z', length: 26, radius: radius * 0.55, tone: steel }),
      rod({ at: [x, y, 52 + h], axis: 'z', length: 40, radius: 16, tone: black }),
    ].join('');
  return [
    shadow(-260, -170, 460, 320, 160),
    tank(-190, -130, 104, dice.between(330, 400), white),
    rod({ at: [-90, -130, 110], axis: 'x', length: 190, radius: 22, tone: steel }),
    tank(150, -130, 92, dice.between(250, 310), white),
    rod({ at: [-190, -60, 90], axis: 'y', length: 150, radius: 22, tone: steel }),
    tank(-150, 140, 78, dice.between(170, 220), dice.pick([steel, blue])),
    rod({ at: [-70, 140, 80], axis: 'x', length: 210, radius: 22, tone: steel }),
    rod({ at: [30, 140, 80], axis: 'x', length: 30, radius: 40, tone: accent }),
    box({ at: [150, 90, 0], size: [120, 110, 150], tone: accent }),
  ].join('');
};

export const MACHINES = {
  transmitter,
  flowmeter,
  proximity,
  drive,
  motor,
  controller,
  gateway,
  axis,
  robot,
  conveyor,
  tanks,
} as const satisfies Readonly<Record<string, Machine>>;
