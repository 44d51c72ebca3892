/** What an instrument shows, as a picture for posts: curves, bars, dials, on the paper of a recorder. */
import { createDice, type Dice } from '../random.ts';
import { letters } from './lettering.ts';
import { HEIGHT, svg, WIDTH } from './picture.ts';

export type ChartKind = 'wave' | 'bars' | 'step' | 'dials' | 'network';

export const drawChart = (name: string, kind: ChartKind): string => {
  const dice = createDice(name);
  const { paper, grid, ink, first, second } = dice.pick([
    { paper: '#0B1B33', grid: '#1D3558', ink: '#FFFFFF', first: '#4ADE80', second: '#FDE047' },
    { paper: '#FFFFFF', grid: '#DDE3EA', ink: '#000000', first: '#0066CC', second: '#DC2626' },
    { paper: '#0066CC', grid: '#2C82D6', ink: '#FFFFFF', first: '#FDE047', second: '#FFFFFF' },
    { paper: '#FDF0C4', grid: '#EBD58B', ink: '#000000', first: '#004499', second: '#DC2626' },
  ]);
  return svg([
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#E5E7EB"/>`,
    '<rect x="116" y="116" width="1400" height="1000" fill="#000"/>',
    `<rect x="92" y="92" width="1400" height="1000" fill="${paper}" stroke="#000" stroke-width="8"/>`,
    ...Array.from({ length: 13 }, (_, index) => `<path d="M${192 + index * 100} 92v1000" stroke="${grid}" stroke-width="3"/>`),
    ...Array.from({ length: 9 }, (_, index) => `<path d="M92 ${192 + index * 100}h1400" stroke="${grid}" stroke-width="3"/>`),
    DRAWINGS[kind](dice, { ink, first, second }),
  ]);
};

type Inks = { readonly ink: string; readonly first: string; readonly second: string };

const curve = (points: readonly (readonly [number, number])[], colour: string, width = 12): string =>
  `<polyline points="${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round" stroke-linecap="round"/>`;

const along = (of: (part: number) => number): readonly (readonly [number, number])[] =>
  Array.from({ length: 281 }, (_, index) => [92 + index * 5, of(index / 280)] as const);

const DRAWINGS: Readonly<Record<ChartKind, (dice: Dice, inks: Inks) => string>> = {
  wave(dice, { ink, first, second }) {
    const [turns, beats, height] = [dice.between(4, 7), dice.between(17, 29), dice.between(150, 240)];
    const envelope = (part: number): number => Math.exp(-2.2 * part);
    return [
      `<path d="M92 592h1400" stroke="${ink}" stroke-width="5"/>`,
      curve(
        along((part) => 592 - height * 1.3 * envelope(part)),
        second,
        6,
      ),
      curve(
        along((part) => 592 + height * 1.3 * envelope(part)),
        second,
        6,
      ),
      curve(
        along(
          (part) =>
            592 - height * envelope(part) * (Math.sin(part * turns * 2 * Math.PI) + 0.3 * Math.sin(part * beats * 2 * Math.PI)),
        ),
        first,
        13,
      ),
      letters(`CH1 ${dice.between(10, 90)} MV/DIV`, { x: 140, y: 134, height: 34, colour: ink }),
      letters(`T ${dice.between(2, 9)}.${dice.between(0, 9)} MS`, { x: 1_180, y: 1_024, height: 34, colour: ink }),
    ].join('');
  },
  step(dice, { ink, first, second }) {
    const damping = dice.between(22, 40) / 100;
    const speed = dice.between(26, 38);
    const answer = (part: number): number =>
      part < 0.14 ? 0 : 1 - Math.exp(-damping * speed * (part - 0.14)) * Math.cos(speed * (part - 0.14));
    const y = (value: number): number => 892 - value * 480;
    return [
      `<path d="M92 ${y(1.05)}h1400M92 ${y(0.95)}h1400" stroke="${ink}" stroke-width="4" stroke-dasharray="24 18"/>`,
      curve(
        [
          [92, y(0)],
          [288, y(0)],
          [288, y(1)],
          [1_492, y(1)],
        ],
        second,
        9,
      ),
      curve(
        along((part) => y(answer(part))),
        first,
        14,
      ),
      letters('SETPOINT', { x: 1_180, y: y(1) - 190, height: 34, colour: second }),
      letters(`KP ${dice.between(2, 9)}.${dice.between(10, 99)}  TN ${dice.between(10, 40)} MS`, {
        x: 640,
        y: 984,
        height: 38,
        colour: ink,
      }),
    ].join('');
  },
  bars(dice, { ink, first, second }) {
    const count = 11;
    const marked = dice.between(2, 8);
    return [
      `<path d="M192 992h1200" stroke="${ink}" stroke-width="8"/>`,
      ...Array.from({ length: count }, (_, index) => {
        const h = 140 + Math.abs(Math.sin(index * 0.9 + dice.between(0, 60) / 100)) * 420 + index * 14;
        const x = 216 + index * 106;
        return `<rect x="${x + 10}" y="${992 - h + 10}" width="76" height="${h - 10}" fill="#000"/><rect x="${x}" y="${992 - h}" width="76" height="${h}" fill="${index === marked ? second : first}" stroke="#000" stroke-width="6"/>`;
      }),
      letters(`KWH / SHIFT ${dice.between(1, 9)}`, { x: 196, y: 140, height: 40, colour: ink }),
    ].join('');
  },
  dials(dice, { first, second }) {
    return DIALS.map(([cx, cy, r]) => {
      const turn = dice.between(-110, 110);
      const ticks = Array.from(
        { length: 25 },
        (_, tick) =>
          `<path d="M0 ${-r * 0.86}v${tick % 6 === 0 ? r * 0.16 : r * 0.09}" transform="rotate(${-120 + tick * 10})" stroke="#000" stroke-width="${tick % 6 === 0 ? 9 : 5}"/>`,
      );
      return `<g transform="translate(${cx} ${cy})"><circle cx="14" cy="14" r="${r}" fill="#000"/><circle r="${r}" fill="#FFF" stroke="#000" stroke-width="10"/>${arc(r * 0.6, 40, 120, second)}${arc(r * 0.6, -120, 40, first)}${ticks.join('')}<path d="M-12 30L0 ${-r * 0.72}L12 30z" transform="rotate(${turn})" fill="#000"/><circle r="${r * 0.11}" fill="${second}" stroke="#000" stroke-width="8"/></g>`;
    }).join('');
  },
  network(dice, { ink, first, second }) {
    const nodes = Array.from(
      { length: 8 },
      (_, index) =>
        [260 + (index % 4) * 350 + dice.between(-50, 50), 330 + Math.floor(index / 4) * 480 + dice.between(-90, 90)] as const,
    );
    const [hubX, hubY] = [792, 592];
    return [
      ...nodes.map(
        ([x, y]) => `<path d="M${hubX} ${hubY}L${hubX} ${y}L${x} ${y}" fill="none" stroke="${ink}" stroke-width="9"/>`,
      ),
      ...nodes.map(([x, y], index) => node(x, y, 62, index % 3 === 0 ? second : first, `N${index + 1}`)),
      node(hubX, hubY, 104, '#FFFFFF', 'PLC'),
    ].join('');
  },
};

/** Where they are, and how large. */
const DIALS = [
  [480, 600, 290],
  [1_010, 420, 200],
  [1_120, 850, 160],
] as const;

const node = (x: number, y: number, half: number, fill: string, label: string): string =>
  `<rect x="${x - half + 10}" y="${y - half + 10}" width="${half * 2}" height="${half * 2}" fill="#000"/><rect x="${x - half}" y="${y - half}" width="${half * 2}" height="${half * 2}" fill="${fill}" stroke="#000" stroke-width="7"/>${letters(label, { x: x - label.length * half * 0.22, y: y - half * 0.26, height: half * 0.52 })}`;

const arc = (r: number, from: number, to: number, colour: string): string => {
  const at = (degrees: number): string => {
    const angle = ((degrees - 90) * Math.PI) / 180;
    return `${(Math.cos(angle) * r).toFixed(1)} ${(Math.sin(angle) * r).toFixed(1)}`;
  };
  return `<path d="M${at(from)}A${r} ${r} 0 ${to - from > 180 ? 1 : 0} 1 ${at(to)}" fill="none" stroke="${colour}" stroke-width="${r * 0.16}"/>`;
};
