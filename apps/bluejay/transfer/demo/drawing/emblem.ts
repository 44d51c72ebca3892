/** Portraits without a face, and marks of companies. */
import { createDice } from '../random.ts';
import { letters, widthOf } from './lettering.ts';
import { svg } from './picture.ts';

export const PORTRAIT_SIZE = 800;

export const drawPortrait = (name: string): string => {
  const dice = createDice(name);
  const [ground, shirt] = dice.pick([
    ['#0066CC', '#EAB308'],
    ['#EAB308', '#004499'],
    ['#DC2626', '#F3F4F6'],
    ['#16A34A', '#111827'],
    ['#BBD8F5', '#DC2626'],
    ['#F3F4F6', '#0066CC'],
  ]);
  const skin = dice.pick(['#F2C9A5', '#D9A274', '#A86B3F', '#7A4A2A', '#F6DCC4', '#C58A5B']);
  const hair = dice.pick(['#111827', '#4A2C17', '#8A5A2B', '#B9B9B9', '#5B3A8C', '#1F2937']);
  const edge = 'stroke="#000" stroke-width="10" stroke-linejoin="round"';
  const style = dice.between(0, 3);
  const back =
    style === 1
      ? `<path d="M232 360q0 -190 168 -190t168 190v230h-336z" fill="${hair}" ${edge}/>`
      : style === 2
        ? `<circle cx="400" cy="140" r="66" fill="${hair}" ${edge}/>`
        : '';
  const front = [
    `<path d="M262 330q-6 -160 138 -160t138 160q-60 -76 -150 -76t-126 76z" fill="${hair}" ${edge}/>`,
    `<path d="M262 340q0 -170 138 -170t138 170l-40 -60h-180z" fill="${hair}" ${edge}/>`,
    `<path d="M262 340q10 -170 138 -170t138 170q-30 -90 -138 -90t-138 90z" fill="${hair}" ${edge}/>`,
    `<path d="M258 300q20 -150 160 -140q130 10 126 150q-120 20 -170 -50q-30 50 -116 40z" fill="${hair}" ${edge}/>`,
  ][style];
  const glasses =
    dice.between(0, 2) === 0
      ? `<g fill="none" ${edge}><circle cx="344" cy="372" r="42"/><circle cx="456" cy="372" r="42"/><path d="M386 372h28"/></g>`
      : '';
  return svg(
    [
      `<rect width="800" height="800" fill="${ground}"/>`,
      `<circle cx="400" cy="420" r="330" fill="rgba(255,255,255,0.18)"/>`,
      back,
      `<path d="M120 800q10 -220 210 -240h140q200 20 210 240z" fill="${shirt}" ${edge}/>`,
      `<path d="M336 480v90q64 70 128 0v-90z" fill="${skin}" ${edge}/>`,
      `<path d="M262 330q0 -150 138 -150t138 150v60q0 150 -138 150t-138 -150z" fill="${skin}" ${edge}/>`,
      front ?? '',
      glasses,
      dice.between(0, 1) === 0 ? `<path d="M340 566l60 70l60 -70l40 20l-100 150l-100 -150z" fill="#FFF" ${edge}/>` : '',
    ],
    PORTRAIT_SIZE,
    PORTRAIT_SIZE,
  );
};

export const LOGO_HEIGHT = 240;
export const logoWidth = (name: string): number => Math.ceil(widthOf(name, 84) + 340);

/** A mark and the name beside it, on white. */
export const drawLogo = (name: string): string => {
  const dice = createDice(`logo ${name}`);
  const [one, two] = dice.pick([
    ['#0066CC', '#EAB308'],
    ['#DC2626', '#111827'],
    ['#16A34A', '#004499'],
    ['#004499', '#DC2626'],
    ['#111827', '#EAB308'],
  ]);
  const marks = [
    `<path d="M40 200V40h80v80h80v80z" fill="${one}"/><rect x="136" y="40" width="64" height="64" fill="${two}"/>`,
    `<circle cx="120" cy="120" r="80" fill="${one}"/><path d="M120 40a80 80 0 0 1 0 160z" fill="${two}"/>`,
    `<path d="M120 36l84 84l-84 84l-84 -84z" fill="${one}"/><path d="M120 82l38 38l-38 38l-38 -38z" fill="${two}"/>`,
    `<path d="M40 200l80 -160l80 160z" fill="${one}"/><path d="M84 200l36 -72l36 72z" fill="${two}"/>`,
    `<path d="M40 72h160v32H40zM40 136h160v32H40z" fill="${one}"/><rect x="88" y="40" width="32" height="160" fill="${two}"/>`,
    `<path d="M78 40h84l42 80l-42 80h-84l-42 -80z" fill="${one}"/><circle cx="120" cy="120" r="36" fill="${two}"/>`,
    `<path d="M40 40h72v72h-72zM128 128h72v72h-72z" fill="${one}"/><path d="M128 40h72v72h-72zM40 128h72v72h-72z" fill="${two}"/>`,
  ];
  return svg(
    [
      `<rect width="100%" height="100%" fill="#FFF"/>`,
      marks[dice.between(0, marks.length - 1)] ?? '',
      letters(name, { x: 260, y: 78, height: 84, colour: '#111827', weight: 15 }),
    ],
    logoWidth(name),
    LOGO_HEIGHT,
  );
};
