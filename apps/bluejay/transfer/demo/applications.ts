/** What the products are for: industries, six solutions, four stories of customers. */
import type { MachineName } from './drawing/picture.ts';
import type { ToneName } from './drawing/solids.ts';

export const INDUSTRIES = [
  ['Food and beverage', 'factory'],
  ['Water', 'place'],
  ['Automotive', 'hub'],
  ['Packaging', 'category'],
  ['Energy', 'star'],
] as const;

export type DemoSolution = {
  readonly title: string;
  readonly icon: string;
  readonly short: string;
  readonly machines: readonly MachineName[];
  readonly tone: ToneName;
  readonly headline: string;
  readonly industries: readonly string[];
  readonly products: readonly string[];
  readonly stats: readonly (readonly [string, string])[];
  readonly challenges: readonly (readonly [string, string])[];
  readonly overview: readonly string[];
};

export const SOLUTIONS: readonly DemoSolution[] = [
  {
    title: 'Packaging lines',
    icon: 'category',
    short: 'Sixty axes that move like one, changed over in minutes instead of a shift.',
    machines: ['conveyor', 'robot'],
    tone: 'yellow',
    headline: 'Change the product, not the line.',
    industries: ['Packaging', 'Food and beverage'],
    products: ['BJ-S4', 'BJ-C3', 'BJ-M6'],
    stats: [
      ['9 min', 'from one format to the next'],
      ['34 %', 'less energy'],
      ['99.2 %', 'availability, measured over a year'],
    ],
    challenges: [
      ['Small orders', 'Formats change several times a day, and every change used to cost an hour.'],
      ['Full cabinets', 'There is no room for the drives of six more axes.'],
      ['Rare experts', 'Whoever wrote the program retired.'],
    ],
    overview: [
      'All formats live in one recipe. Axes travel to their new places by themselves, and the line checks with its own sensors that it is ready.',
      'Four axes share one drive and one cable each. What a cutter brakes, the conveyor accelerates with.',
    ],
  },
  {
    title: 'Water and waste water',
    icon: 'place',
    short: 'Flow, level and pressure from a thousand stations, with one look.',
    machines: ['tanks', 'flowmeter'],
    tone: 'blue',
    headline: 'Know where the water goes.',
    industries: ['Water'],
    products: ['BJ-F80', 'BJ-P200', 'BJ-G2'],
    stats: [
      ['11 %', 'less water lost'],
      ['7 days', 'of memory without a network'],
      ['15 yrs', 'between calibrations'],
    ],
    challenges: [
      ['Leaks nobody sees', 'Between the works and the tap a fifth gets lost.'],
      ['Stations without mains', 'Many have a battery and a bad radio link.'],
      ['Audits', 'Every value has to be explained years later.'],
    ],
    overview: [
      'Meters at the borders of each district compare what comes in with what is used. A new leak shows in the first night.',
      'The gateway sleeps, measures, sleeps, and sends when the network is there.',
    ],
  },
  {
    title: 'Press automation',
    icon: 'factory',
    short: 'Loading, pressing and stacking in one program and one safety concept.',
    machines: ['robot', 'axis'],
    tone: 'red',
    headline: 'Twenty strokes a minute, hands outside.',
    industries: ['Automotive'],
    products: ['BJ-A5', 'BJ-L7', 'BJ-R90'],
    stats: [
      ['20', 'strokes a minute'],
      ['1.8 MWh', 'given back each week'],
      ['0', 'light curtains crossed'],
    ],
    challenges: [
      ['Old presses', 'They run for forty years more, if somebody gives them a control.'],
      ['Peaks of current', 'Each stroke pulls down the grid of the hall.'],
      ['Safety', 'Fences cost room and time.'],
    ],
    overview: [
      'Arm, axis and press are axes of one program. The arm is out of the tool before the slide comes down, by calculation and not by waiting.',
      'The flywheel motor brakes into a storage, which feeds the next stroke.',
    ],
  },
  {
    title: 'Condition monitoring',
    icon: 'visibility',
    short: 'Bearings, belts and pumps that announce their end in time.',
    machines: ['motor', 'gateway'],
    tone: 'green',
    headline: 'Repair on Tuesday, not on Sunday night.',
    industries: ['Energy', 'Water', 'Automotive'],
    products: ['BJ-V4', 'BJ-G2'],
    stats: [
      ['5 weeks', 'of warning before a bearing fails'],
      ['62 %', 'fewer unplanned stops'],
      ['20 min', 'to fit a sensor'],
    ],
    challenges: [
      ['Too many alarms', 'Thresholds cry wolf until somebody switches them off.'],
      ['Too much data', 'Raw vibration fills every network.'],
      ['Nobody who reads it', 'There is no analyst on the night shift.'],
    ],
    overview: [
      'The sensor knows the bearing it sits on and sends four numbers instead of a million. When one grows, it sends the evidence.',
      'Orders to the workshop are written in words: which machine, which bearing, until when.',
    ],
  },
  {
    title: 'Energy recovery',
    icon: 'star',
    short: 'What lifts, spins or presses also gives back: to the next axis or to the grid.',
    machines: ['drive', 'tanks'],
    tone: 'green',
    headline: 'Stop heating the cabinet.',
    industries: ['Energy', 'Automotive'],
    products: ['BJ-R90', 'BJ-S4'],
    stats: [
      ['41 %', 'less from the grid at a hoist'],
      ['below 3 %', 'of harmonics'],
      ['2.1 yrs', 'until it has paid for itself'],
    ],
    challenges: [
      ['Resistors', 'Braking energy becomes heat, which costs cooling.'],
      ['Peaks', 'The contract is paid by the highest quarter of an hour.'],
      ['Proof', 'Savings have to be measured, not claimed.'],
    ],
    overview: [
      'Drives share one bus, with a storage for peaks and an active front end for the rest.',
      'Every drive counts what it takes and what it gives. The sum is the invoice.',
    ],
  },
  {
    title: 'Retrofit of machines',
    icon: 'hub',
    short: 'New controls for good iron: keep the casting, change the cabinet.',
    machines: ['controller', 'motor'],
    tone: 'yellow',
    headline: 'Forty years old. Faster than new.',
    industries: ['Automotive', 'Packaging'],
    products: ['BJ-C3', 'BJ-S1', 'BJ-G2'],
    stats: [
      ['4 days', 'of standstill'],
      ['28 %', 'of the price of a new machine'],
      ['30 yrs', 'of spare parts'],
    ],
    challenges: [
      ['No drawings', 'The maker is gone, and the drawings are with him.'],
      ['No standstill', 'The machine can be spared between Christmas and New Year.'],
      ['New rules', 'Safety has to be that of today.'],
    ],
    overview: [
      'We measure the machine while it works, rebuild its program beside it, and run both against each other before anything is touched.',
      'Then the cabinet is changed as a whole, in four days.',
    ],
  },
];

export type DemoStory = {
  readonly title: string;
  readonly client: string;
  readonly industry: string;
  readonly machines: readonly MachineName[];
  readonly tone: ToneName;
  readonly summary: string;
  readonly challenge: readonly string[];
  readonly points: readonly string[];
  readonly solution: readonly string[];
  readonly outcome: readonly string[];
  readonly products: readonly string[];
  readonly metrics: readonly (readonly [string, string])[];
};

export const STORIES: readonly DemoStory[] = [
  {
    title: 'A leak that was three years old',
    client: 'Nordvatten',
    industry: 'Water',
    machines: ['flowmeter'],
    tone: 'blue',
    summary:
      'A water company in the north of Sweden lost a fifth of what it pumped. Eighty meters and one week of listening found out where.',
    challenge: [
      'The network is from 1962, and its valves are where nobody remembers them. Losses were known as one number for the whole town.',
      'Digging costs 9,000 euros a hole, and most holes were dry.',
    ],
    points: ['21 % of the water lost', 'Stations without mains', 'No drawings of the oldest district'],
    solution: [
      'Flow meters were put at the borders of eighty districts, with gateways that send once an hour.',
      'In the first night one district used water at three in the morning although it has a school and a church and nothing else.',
    ],
    outcome: [
      'The leak was a pipe of 1962 under the school yard. It had been there for at least three years.',
      'Losses are at nine percent now, and the company digs where there is water.',
    ],
    products: ['BJ-F80', 'BJ-G2'],
    metrics: [
      ['21 → 9 %', 'water lost'],
      ['80', 'districts'],
      ['14 months', 'until it had paid for itself'],
    ],
  },
  {
    title: 'Nine minutes from mango to lime',
    client: 'Delta Foods',
    industry: 'Food and beverage',
    machines: ['conveyor'],
    tone: 'green',
    summary: 'A filler of juices changed its formats four times a day and lost four hours with it. Now the line changes itself.',
    challenge: [
      'Guides, grippers and caps were moved by hand, with a folder of photographs.',
      'After each change the first two hundred bottles went to waste.',
    ],
    points: ['Four changes a day', '65 minutes for each', '200 bottles lost'],
    solution: [
      'Thirty-eight guides became axes with Falcon motors, driven by Heron S4 in the cabinet that was there.',
      'The recipe knows each place to a tenth of a millimetre, and distance sensors confirm it before the first bottle comes.',
    ],
    outcome: [
      'A change takes nine minutes and no tool.',
      'The first bottle is a good one. On Fridays the line now fills what used to be Saturday.',
    ],
    products: ['BJ-S4', 'BJ-M6', 'BJ-D12'],
    metrics: [
      ['65 → 9 min', 'for a change'],
      ['3.7 h', 'won each day'],
      ['0', 'bottles lost'],
    ],
  },
  {
    title: 'The press that pays for its next stroke',
    client: 'Baltic Press',
    industry: 'Automotive',
    machines: ['robot'],
    tone: 'red',
    summary: 'A press of 1978 got new drives, a robot and a storage. It works faster than new and takes half of the current.',
    challenge: [
      'Each stroke pulled 400 amperes. The transformer of the hall was the limit of the whole plant.',
      'Two people loaded blanks by hand, with light curtains that stopped the press a hundred times a shift.',
    ],
    points: ['Peaks of 400 A', 'Loading by hand', 'A control without spare parts'],
    solution: [
      'A regenerative drive with a storage took over the flywheel, an arm the loading.',
      'Press and arm are one program: the arm leaves while the slide is already on its way.',
    ],
    outcome: ['Peaks are at 120 amperes, strokes at twenty a minute.', 'The two people now run three presses.'],
    products: ['BJ-R90', 'BJ-A5', 'BJ-C3'],
    metrics: [
      ['400 → 120 A', 'peak'],
      ['+60 %', 'strokes'],
      ['1.8 MWh', 'given back each week'],
    ],
  },
  {
    title: 'Four axes in the space of one',
    client: 'Sahyadri Packaging',
    industry: 'Packaging',
    machines: ['drive'],
    tone: 'yellow',
    summary: 'A wrapping machine needed six axes more, and the cabinet was full. Now it has a shelf to spare.',
    challenge: [
      'The machine was to wrap two sizes at once. That needs six axes more, and the door would not close.',
      'A second cabinet would have stood in the way of the forklifts.',
    ],
    points: ['Full cabinet', 'Heat in summer', 'Deadline of eight weeks'],
    solution: [
      'Eleven drives went, three Heron S4 came, with one cable to each motor.',
      'Braking energy of the knives moves the belt; the fans could go with the resistors.',
    ],
    outcome: [
      'The cabinet is half empty and eleven degrees cooler.',
      'It was done in six weeks. The seventh was used for a second machine.',
    ],
    products: ['BJ-S4', 'BJ-M6'],
    metrics: [
      ['11 → 3', 'drives'],
      ['-11 °C', 'in the cabinet'],
      ['34 %', 'less energy'],
    ],
  },
];
