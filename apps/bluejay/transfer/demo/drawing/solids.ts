/** Solids seen from above and the side, as SVG: black edges, flat faces, no perspective. Units are those of the drawing. */

export type Point = readonly [x: number, y: number, z: number];
export type Flat = readonly [x: number, y: number];

/** Lit from above: the top is the lightest, the right side the darkest. */
export type Tone = { readonly top: string; readonly left: string; readonly right: string };

export type ToneName = 'blue' | 'white' | 'steel' | 'black' | 'yellow' | 'red' | 'green';

export const TONES: Readonly<Record<ToneName, Tone>> = {
  blue: { top: '#6BB3F2', left: '#0066CC', right: '#004499' },
  white: { top: '#FFFFFF', left: '#E8EBEF', right: '#C5CCD5' },
  steel: { top: '#E2E8F0', left: '#B4BFCB', right: '#7F8C9B' },
  black: { top: '#4B5563', left: '#262F3D', right: '#111827' },
  yellow: { top: '#FDE68A', left: '#EAB308', right: '#B48906' },
  red: { top: '#F99A9A', left: '#DC2626', right: '#981B1B' },
  green: { top: '#7BE3A2', left: '#16A34A', right: '#0E6B31' },
};

const [COS, SIN] = [Math.cos(Math.PI / 6), 0.5];

/** Where a point of space lies on the paper. */
export const project = ([x, y, z]: Point): Flat => [(x - y) * COS, (x + y) * SIN - z];

const text = (points: readonly Flat[]): string => points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
const round = (value: number): number => Math.round(value * 10) / 10;

const EDGE = 'stroke="#000" stroke-width="5" stroke-linejoin="round"';

/** A face, or a mark on one. */
export const face = (points: readonly Point[], fill: string, edge = EDGE): string =>
  `<polygon points="${text(points.map(project))}" fill="${fill}" ${edge}/>`;

export const line = (points: readonly Point[], width = 4, colour = '#000'): string =>
  `<polyline points="${text(points.map(project))}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;

export type Box = { readonly at: Point; readonly size: Point; readonly tone: Tone };

export const box = ({ at: [x, y, z], size: [w, d, h], tone }: Box): string =>
  [
    face(
      [
        [x, y + d, z],
        [x + w, y + d, z],
        [x + w, y + d, z + h],
        [x, y + d, z + h],
      ],
      tone.left,
    ),
    face(
      [
        [x + w, y, z],
        [x + w, y + d, z],
        [x + w, y + d, z + h],
        [x + w, y, z + h],
      ],
      tone.right,
    ),
    face(
      [
        [x, y, z + h],
        [x + w, y, z + h],
        [x + w, y + d, z + h],
        [x, y + d, z + h],
      ],
      tone.top,
    ),
  ].join('');

/** A rectangle on the left side of a box, from its lower corner: display, plate, socket. */
export const onLeft = ({ at: [x, y, z], size: [, d] }: Box, [u, v]: Flat, [w, h]: Flat, fill: string): string =>
  face(
    [
      [x + u, y + d, z + v],
      [x + u + w, y + d, z + v],
      [x + u + w, y + d, z + v + h],
      [x + u, y + d, z + v + h],
    ],
    fill,
  );

export const onRight = ({ at: [x, y, z], size: [w, d] }: Box, [u, v]: Flat, [width, h]: Flat, fill: string): string =>
  face(
    [
      [x + w, y + d - u, z + v],
      [x + w, y + d - u - width, z + v],
      [x + w, y + d - u - width, z + v + h],
      [x + w, y + d - u, z + v + h],
    ],
    fill,
  );

export type Axis = 'x' | 'y' | 'z';
export type Rod = {
  /** Of the middle of the end that is farther away. */
  readonly at: Point;
  readonly axis: Axis;
  readonly length: number;
  readonly radius: number;
  readonly tone: Tone;
  /** 6 for a nut; default: round. */
  readonly corners?: number;
};

export const rod = ({ at, axis, length, radius, tone, corners = 48 }: Rod): string => {
  const turn = corners < 10 ? Math.PI / corners : 0;
  const ring = Array.from({ length: corners }, (_, index): Flat => {
    const angle = turn + (index / corners) * 2 * Math.PI;
    return [Math.cos(angle) * radius, Math.sin(angle) * radius];
  });
  return extrude({ at, axis, length, outline: ring, tone });
};

export type Extrusion = Omit<Rod, 'radius' | 'corners'> & {
  /** Convex, in the plane across the axis. */
  readonly outline: readonly Flat[];
};

export const extrude = ({ at, axis, length, outline, tone }: Extrusion): string => {
  const far = outline.map((point) => placed(at, axis, point, 0));
  const near = outline.map((point) => placed(at, axis, point, length));
  const sides = hull([...far, ...near].map(project));
  const fill = axis === 'z' ? `url(#${gradientOf(tone)})` : axis === 'x' ? tone.left : tone.right;
  const cap = axis === 'z' ? tone.top : axis === 'x' ? tone.right : tone.left;
  return `<polygon points="${text(sides)}" fill="${fill}" ${EDGE}/>${face(near, cap)}`;
};

/** Round things fade from one side to the other; the names stand in every drawing. */
const gradientOf = (tone: Tone): string => `fade-${tone.left.slice(1)}`;
export const GRADIENTS = Object.values(TONES)
  .map(
    (tone) =>
      `<linearGradient id="${gradientOf(tone)}"><stop offset="0" stop-color="${tone.left}"/><stop offset="0.3" stop-color="${tone.top}"/><stop offset="0.55" stop-color="${tone.left}"/><stop offset="1" stop-color="${tone.right}"/></linearGradient>`,
  )
  .join('');

const placed = ([x, y, z]: Point, axis: Axis, [u, v]: Flat, along: number): Point =>
  axis === 'z' ? [x + u, y + v, z + along] : axis === 'x' ? [x + along, y + u, z + v] : [x + u, y + along, z + v];

/** A shadow without softness, on the floor. */
export const shadow = (x: number, y: number, w: number, d: number, reach: number): string =>
  face(
    [
      [x, y, 0],
      [x + w + reach, y - reach * 0.35, 0],
      [x + w + reach, y + d - reach * 0.35, 0],
      [x + w, y + d, 0],
      [x, y + d, 0],
    ],
    'rgba(0,0,0,0.28)',
    '',
  );

/** Andrew's monotone chain. */
const hull = (points: readonly Flat[]): readonly Flat[] => {
  const sorted = points.toSorted(([ax, ay], [bx, by]) => ax - bx || ay - by);
  const half = (each: readonly Flat[]): Flat[] => {
    const chain: Flat[] = [];
    for (const point of each) {
      while (chain.length > 1 && turns(chain.at(-2) ?? point, chain.at(-1) ?? point, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
};

const turns = ([ax, ay]: Flat, [bx, by]: Flat, [cx, cy]: Flat): number => (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
