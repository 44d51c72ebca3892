/** What the company has to say: posts of its blog, and whitepapers. */
import type { ChartKind } from './drawing/chart.ts';
import type { MachineName } from './drawing/picture.ts';
import type { ToneName } from './drawing/solids.ts';

export const BLOG_CATEGORIES = [
  ['Engineering', '#0066CC', 'How things work, and how they fail.'],
  ['Practice', '#16A34A', 'From the shop floor.'],
  ['Company', '#DC2626', 'People, places, releases.'],
] as const;
export const TAGS = ['Measurement', 'Drives', 'Safety', 'Energy', 'Networks', 'Maintenance', 'Software', 'Hiring'] as const;
export const AUTHORS = [
  [
    'Anjali Kulkarni',
    'Head of sensor development',
    'Anjali has been measuring since she took apart the kitchen scale. She leads the laboratory in Dresden.',
  ],
  ['Rohan Mehta', 'Drive engineer', 'Rohan tunes what others have given up on, and writes down how.'],
  ['Greta Holm', 'Customer engineer', 'Greta is on the road for three weeks of four, usually below a machine.'],
] as const;

export type DemoPost = {
  readonly title: string;
  readonly excerpt: string;
  readonly category: string;
  readonly author: number;
  readonly tags: readonly string[];
  readonly products: readonly string[];
  /** Before today; negative ones are still to come. */
  readonly daysAgo: number;
  readonly state?: 'draft' | 'archived';
  readonly picture: { readonly chart: ChartKind } | { readonly machine: MachineName; readonly tone: ToneName };
  readonly inText: ChartKind;
  readonly caption: string;
  readonly parts: readonly (readonly [heading: string, ...paragraphs: string[]])[];
};

export const POSTS: readonly DemoPost[] = [
  {
    title: 'What a bearing says before it fails',
    excerpt: 'Five weeks before the end a bearing begins to talk. It is only very quiet, and everything around it is loud.',
    category: 'Engineering',
    author: 0,
    tags: ['Measurement', 'Maintenance'],
    products: ['BJ-V4'],
    daysAgo: 4,
    picture: { chart: 'wave' },
    inText: 'bars',
    caption: 'Energy of a bearing by band, one bar for each week',
    parts: [
      [
        '',
        'Put your ear to a screwdriver and the screwdriver to a motor, and you hear what mechanics have heard for a hundred years. A sensor does the same, at twenty-six thousand values a second.',
        'The trouble is not to hear something. The trouble is to know what it means.',
      ],
      [
        'Four frequencies',
        'Every bearing has four frequencies of its own: inner ring, outer ring, cage, balls. They follow from its geometry and from the speed, and from nothing else. Damage on the outer ring knocks once for every ball that passes.',
        'So we do not look at how loud a machine is. We look at how much of the noise comes at exactly these four places.',
      ],
      [
        'Growth, not thresholds',
        'A threshold is somebody’s guess. What we compare with is the machine itself: the same speed, the same load, last month. When a band has doubled twice, we say so, with the second of raw data that made us think it.',
      ],
    ],
  },
  {
    title: 'Tuning a servo loop in eight seconds',
    excerpt: 'Most axes are tuned once, in a hurry, by somebody who leaves the next day. We asked what the drive could do alone.',
    category: 'Engineering',
    author: 1,
    tags: ['Drives', 'Software'],
    products: ['BJ-S4', 'BJ-M6'],
    daysAgo: 11,
    picture: { chart: 'step' },
    inText: 'wave',
    caption: 'The axis rings after a step, before the filter',
    parts: [
      [
        '',
        'There are two ways to tune an axis. One takes an afternoon and an oscilloscope. The other takes the values of the last machine.',
        'Heron S4 does a third one: it shakes the axis for eight seconds with noise that you can hardly hear, and reads the answer.',
      ],
      [
        'Where it rings',
        'The ratio of what went in and what came out is the frequency response. Its peaks are the resonances: belt, coupling, frame. On each of the three highest we put a notch filter, as narrow as it can be.',
      ],
      [
        'And then the gains',
        'With the peaks gone, the loop can be made stiffer until six decibels of margin are left. That is not the most that is possible. It is the most that is still there on a cold Monday.',
      ],
    ],
  },
  {
    title: 'Why our transmitters have no oil in them',
    excerpt: 'A drop of silicone oil costs nothing, transmits pressure perfectly, and ruins a batch of paint when it leaks.',
    category: 'Engineering',
    author: 0,
    tags: ['Measurement'],
    products: ['BJ-P200'],
    daysAgo: 19,
    picture: { machine: 'transmitter', tone: 'blue' },
    inText: 'step',
    caption: 'Return to zero after an overload of five times the range',
    parts: [
      [
        '',
        'Most pressure transmitters are filled: a thin steel membrane, a drop of oil, a silicon chip. It is a good design, and it has one weakness. The membrane is as thick as a hair.',
      ],
      [
        'One piece of ceramic',
        'Our cell is a disc of alumina, one millimetre thick, with a capacitor on its back. It bends by a few thousandths of a millimetre. There is nothing behind it that could leak.',
        'The price is a weaker signal. We pay it with better electronics, which do not wear.',
      ],
      [
        'What it survives',
        'Water hammer in a long pipe is ten times the working pressure for two milliseconds. We tested forty cells with a million of them. All forty came back to zero.',
      ],
    ],
  },
  {
    title: 'A safe stop is not a fast stop',
    excerpt: 'SS1, SS2, STO: three ways to stand still, and how to choose the one that does not break the tool.',
    category: 'Practice',
    author: 2,
    tags: ['Safety', 'Drives'],
    products: ['BJ-S4'],
    daysAgo: 27,
    picture: { machine: 'drive', tone: 'red' },
    inText: 'step',
    caption: 'Speed during a stop of category 1',
    parts: [
      ['', 'When a guard opens, something has to stop. What is often overlooked is that “stop” is three different things.'],
      [
        'Let go, or hold on',
        'STO takes the torque away. A fan then runs on for a minute, a vertical axis falls. SS1 brakes first and lets go afterwards. SS2 brakes and holds the position, watched by a second channel.',
      ],
      [
        'How to choose',
        'Ask what moves when nobody holds it. If the answer is “nothing”, take STO. If it is “the load”, take SS1 and a brake. If it is “the workpiece, and it costs more than the drive”, take SS2.',
      ],
    ],
  },
  {
    title: 'Forty protocols and a cup of tea',
    excerpt: 'How to read data from a machine of 1996 without telling the machine.',
    category: 'Practice',
    author: 2,
    tags: ['Networks', 'Software'],
    products: ['BJ-G2'],
    daysAgo: 38,
    picture: { chart: 'network' },
    inText: 'network',
    caption: 'Who talks to whom in a packaging hall',
    parts: [
      [
        '',
        'The maker is gone, the program is on a diskette, and the customer wants to know how many parts it makes. That is a normal Tuesday.',
      ],
      [
        'Listen first',
        'Nearly every machine already talks: to its drives, to its panel. The gateway taps that line and only listens. Nothing is asked, so nothing can be disturbed.',
      ],
      [
        'Find the number',
        'Then somebody makes ten parts and we look for what went from 4,711 to 4,721. It takes as long as a cup of tea. The rest is arithmetic.',
      ],
    ],
  },
  {
    title: 'What braking energy is really worth',
    excerpt: 'Suppliers promise forty percent. We measured eleven machines for a year. Here is what came out.',
    category: 'Engineering',
    author: 1,
    tags: ['Energy', 'Drives'],
    products: ['BJ-R90'],
    daysAgo: 52,
    picture: { chart: 'bars' },
    inText: 'dials',
    caption: 'Power of a hoist, from the grid and back',
    parts: [
      ['', 'A hoist gives back a lot, a pump nothing, and everything else lies between. That is the short version.'],
      [
        'Eleven machines',
        'Three hoists gave back 38 to 44 percent. Four presses 19 to 31. Two centrifuges 12. One conveyor 3, and one pump 0.2, which is within the error of the meter.',
        'The average is 21 percent, and it means nothing: nobody has an average machine.',
      ],
      [
        'When it pays',
        'Count the stops. An axis that brakes more than twice a minute from full speed pays for a regenerative drive within three years. Below that, share the bus with its neighbours.',
      ],
    ],
  },
  {
    title: 'We are moving the lab, one scale at a time',
    excerpt: 'Our pressure laboratory gets a new floor. It weighs four hundred tonnes and stands on air.',
    category: 'Company',
    author: 0,
    tags: ['Measurement'],
    products: [],
    daysAgo: 66,
    picture: { machine: 'tanks', tone: 'green' },
    inText: 'dials',
    caption: 'The reference manometers on their new bench',
    parts: [
      [
        '',
        'A pressure balance is a piston with weights on it. It is as exact as gravity, and as sensitive: a lorry in the street moves the fourth digit.',
      ],
      [
        'A floor on springs',
        'The new laboratory in Dresden stands on a slab of four hundred tonnes, and the slab on eighteen air springs. Its resonance is below one hertz. Lorries are above.',
      ],
      ['Visit us', 'On the first Friday of each month we open the door. Bring your own gauge; we tell you how wrong it is.'],
    ],
  },
  {
    title: 'Version control for machines',
    excerpt: 'Who changed the program, when, and why? On most machines the answer is a shrug.',
    category: 'Practice',
    author: 2,
    tags: ['Software', 'Safety'],
    products: ['BJ-C3'],
    daysAgo: 80,
    picture: { machine: 'controller', tone: 'yellow' },
    inText: 'network',
    caption: 'From the engineer’s desk to the machine',
    parts: [
      [
        '',
        'A program that is a binary project file cannot be compared. So nobody compares it, and the version that runs is “the one from Thursday”.',
      ],
      [
        'Text',
        'Raven programs are text, one file for each part of the machine. A change is a few lines that a colleague can read.',
      ],
      [
        'Signed',
        'What was reviewed is signed, and the controller runs nothing else. The previous version stays in the second image. Going back takes four seconds.',
      ],
    ],
  },
  {
    title: 'Ten trainees, one conveyor',
    excerpt: 'Our new trainees built a sorting line in six weeks. We have put it into the entrance hall.',
    category: 'Company',
    author: 1,
    tags: ['Hiring'],
    products: ['BJ-A5'],
    daysAgo: 97,
    picture: { machine: 'conveyor', tone: 'blue' },
    inText: 'bars',
    caption: 'Parcels sorted on each day of the project',
    parts: [
      ['', 'The task was one sentence: sort parcels by colour, and never touch a person.'],
      [
        'What they learned',
        'That a sensor sees what it is told to see. That wires want labels. That the emergency stop is tested first and not last.',
      ],
      ['Apply', 'The next ten begin in August. Marks are not asked for; a photograph of something that you have repaired is.'],
    ],
  },
  {
    title: 'Heron S4 in the field: the first hundred',
    excerpt: 'What we learned from the first hundred drives that left the factory, and what we changed.',
    category: 'Company',
    author: 1,
    tags: ['Drives'],
    products: ['BJ-S4'],
    daysAgo: -14,
    picture: { machine: 'drive', tone: 'green' },
    inText: 'step',
    caption: 'Temperature of the power stage over a shift',
    parts: [
      ['', 'A hundred drives are out, at nineteen customers. Two came back.'],
      [
        'One screw',
        'Both had the same terminal, tightened with the wrong driver. The terminal now has a shape that only fits the right one.',
      ],
    ],
  },
  {
    title: 'Notes on a gateway with a battery',
    excerpt: 'A sketch of what a station without mains could look like.',
    category: 'Engineering',
    author: 0,
    tags: ['Networks'],
    products: [],
    daysAgo: 0,
    state: 'draft',
    picture: { machine: 'gateway', tone: 'green' },
    inText: 'wave',
    caption: 'Current while sending',
    parts: [['', 'To be written: sleep, wake, measure, send. Numbers are missing.']],
  },
  {
    title: 'Trade fair 2024: where to find us',
    excerpt: 'Hall 9, stand D28. We bring the arm.',
    category: 'Company',
    author: 2,
    tags: [],
    products: [],
    daysAgo: 560,
    state: 'archived',
    picture: { machine: 'robot', tone: 'yellow' },
    inText: 'dials',
    caption: 'The arm on its stand',
    parts: [['', 'We are in hall 9 from Tuesday to Friday. The arm serves coffee at ten and at three.']],
  },
];

export const TOPICS = [
  ['Measurement', '#0066CC', 'visibility'],
  ['Drive technology', '#16A34A', 'diamond'],
  ['Safety', '#DC2626', 'warning'],
  ['Digitalisation', '#EAB308', 'hub'],
] as const;

export const WHITEPAPERS: readonly (readonly [title: string, topic: string, description: string, ...points: string[]])[] = [
  [
    'Uncertainty of pressure measurement',
    'Measurement',
    'From the data sheet to the number that an auditor accepts: how to add up errors that do not add up.',
    'Read a data sheet with open eyes',
    'Combine contributions',
    'Write the result down',
  ],
  [
    'Flow in half-empty pipes',
    'Measurement',
    'What meters show when there is air in the pipe, and how to install them so that there is none.',
    'Recognise air',
    'Choose the place',
    'Check without a laboratory',
  ],
  [
    'Vibration for people who are not analysts',
    'Measurement',
    'Bearings, gears, imbalance: what each looks like in a spectrum, with sixteen real examples.',
    'Tell imbalance from misalignment',
    'Find the bearing frequency',
    'Know when to stop',
  ],
  [
    'Sizing a servo axis',
    'Drive technology',
    'Inertia, torque, duty cycle: a method on two pages and a worked example.',
    'Estimate the inertia',
    'Choose the gear',
    'Check the thermal limit',
  ],
  [
    'Regeneration: a calculation you can check',
    'Drive technology',
    'Eleven machines, a year of data, and a spreadsheet for the twelfth.',
    'Measure what you have',
    'Compare bus sharing and feedback',
    'Calculate the payback',
  ],
  [
    'Cables, shields and earth',
    'Drive technology',
    'Why a drive disturbs a sensor thirty metres away, and the four rules that prevent it.',
    'Connect shields',
    'Separate what disturbs',
    'Prove it with a clamp',
  ],
  [
    'Safe motion in practice',
    'Safety',
    'STO, SS1, SS2, SLS: which function for which hazard, with circuit diagrams.',
    'Assess the risk',
    'Choose the function',
    'Validate it',
  ],
  [
    'Emergency stop, done right',
    'Safety',
    'The oldest safety function has the most mistakes. A checklist.',
    'Place the buttons',
    'Test them',
    'Document the test',
  ],
  [
    'Security of controllers',
    'Safety',
    'What IEC 62443 asks of a machine builder, in plain words.',
    'Draw zones',
    'Manage accounts',
    'Answer reports',
  ],
  [
    'Reading data from old machines',
    'Digitalisation',
    'Forty protocols, three ways to listen, and what never to do.',
    'Find out what is spoken',
    'Listen without asking',
    'Name values so that others understand',
  ],
  [
    'OPC UA for production managers',
    'Digitalisation',
    'What it is, what it is not, and seven questions to ask a supplier.',
    'Know the words',
    'Ask the right questions',
    'Avoid the usual traps',
  ],
  [
    'Programs in version control',
    'Digitalisation',
    'From “the one from Thursday” to a history that explains itself.',
    'Split a project',
    'Review changes',
    'Sign what runs',
  ],
];
