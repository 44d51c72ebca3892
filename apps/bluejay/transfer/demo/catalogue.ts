/** What the company makes: five categories, fourteen products. */
import type { MachineName } from './drawing/picture.ts';
import type { ToneName } from './drawing/solids.ts';

export type DemoCategory = {
  readonly slug: string;
  readonly name: string;
  readonly icon: string;
  readonly machine: MachineName;
  readonly tone: ToneName;
  readonly description: string;
};

export const CATEGORIES: readonly DemoCategory[] = [
  {
    slug: 'sensors',
    name: 'Sensors',
    icon: 'visibility',
    machine: 'transmitter',
    tone: 'blue',
    description: 'Pressure, flow, distance and vibration: measured where it happens, readable a millisecond later.',
  },
  {
    slug: 'drives',
    name: 'Drives',
    icon: 'diamond',
    machine: 'drive',
    tone: 'green',
    description: 'Servo and frequency drives from 0.4 to 90 kW that brake into the grid instead of into a resistor.',
  },
  {
    slug: 'motion-control',
    name: 'Motion control',
    icon: 'hub',
    machine: 'motor',
    tone: 'yellow',
    description: 'Motors and linear axes that arrive where they should, and stay there while the machine shakes.',
  },
  {
    slug: 'controllers',
    name: 'Controllers',
    icon: 'category',
    machine: 'controller',
    tone: 'red',
    description: 'Modular control with a cycle of 250 microseconds, programmed in IEC 61131-3 or in C.',
  },
  {
    slug: 'connectivity',
    name: 'Connectivity',
    icon: 'hub',
    machine: 'gateway',
    tone: 'green',
    description: 'Gateways and remote I/O that bring old machines into new networks without touching their programs.',
  },
];

export type DemoProduct = {
  readonly category: string;
  readonly name: string;
  readonly sku: string;
  readonly tagline: string;
  readonly machine: MachineName;
  readonly tone: ToneName;
  readonly description: string;
  readonly overview: readonly string[];
  readonly specs: readonly (readonly [section: string, key: string, value: string])[];
  readonly features: readonly string[];
  readonly featured?: number;
  readonly state?: 'draft' | 'archived';
};

export const PRODUCTS: readonly DemoProduct[] = [
  {
    category: 'sensors',
    name: 'Wren P200 pressure transmitter',
    sku: 'BJ-P200',
    tagline: 'Pressure to 0.05 %, from vacuum to 600 bar',
    machine: 'transmitter',
    tone: 'blue',
    featured: 1,
    description:
      'A pressure transmitter for hydraulics and process lines, with a ceramic cell that forgives hammering and a head that turns to the reader.',
    overview: [
      'The measuring cell is one piece of alumina: nothing to fill, nothing to leak, nothing that ages. It survives five times its range and returns to zero.',
      'A second sensor watches the temperature of the cell itself, so the reading in a cold morning hall is the reading of a hot afternoon.',
    ],
    specs: [
      ['Measurement', 'Range', '-1 to 600 bar'],
      ['Measurement', 'Accuracy', '0.05 % of full scale'],
      ['Measurement', 'Response', '1 ms'],
      ['Electrical', 'Output', '4–20 mA, IO-Link'],
      ['Electrical', 'Supply', '10–32 V DC'],
      ['Mechanical', 'Thread', 'G 1/2, 1/2 NPT'],
      ['Mechanical', 'Protection', 'IP 67, IP 69K'],
    ],
    features: [
      'Withstands five times its range',
      'Ceramic cell without filling',
      'Head turns by 330 degrees',
      'IO-Link with an event history of 90 days',
    ],
  },
  {
    category: 'sensors',
    name: 'Dipper F80 flow meter',
    sku: 'BJ-F80',
    tagline: 'Flow without moving parts',
    machine: 'flowmeter',
    tone: 'yellow',
    featured: 3,
    description:
      'An electromagnetic flow meter for water, coolant and slurry, with a full bore and a verification that needs no laboratory.',
    overview: [
      'The bore is as wide as the pipe, so nothing is lost to a restriction and nothing gets caught in it.',
      'Every night the meter compares its coils with what they were at the factory and writes the result into its logbook.',
    ],
    specs: [
      ['Measurement', 'Range', '0.3 to 12 m/s'],
      ['Measurement', 'Accuracy', '0.2 % of the value'],
      ['Electrical', 'Output', '4–20 mA, pulse, Modbus TCP'],
      ['Electrical', 'Power', '9 W'],
      ['Mechanical', 'Nominal width', 'DN 15 to DN 300'],
      ['Mechanical', 'Lining', 'PTFE or hard rubber'],
    ],
    features: [
      'Full bore, no loss of pressure',
      'Verifies itself every night',
      'Detects empty pipes and air',
      'Display readable from four metres',
    ],
  },
  {
    category: 'sensors',
    name: 'Swift D12 distance sensor',
    sku: 'BJ-D12',
    tagline: 'Inductive, for welding cells',
    machine: 'proximity',
    tone: 'red',
    description: 'An inductive sensor in stainless steel that ignores welding fields and laughs at spatter.',
    overview: [
      'Three coils instead of one: what a welding current does to all of them alike cancels out, what a part does to the first one does not.',
      'The face is a single piece with the barrel, coated so that spatter falls off with a brush.',
    ],
    specs: [
      ['Measurement', 'Range', '0 to 12 mm'],
      ['Measurement', 'Repeatability', '8 µm'],
      ['Electrical', 'Switching frequency', '2 kHz'],
      ['Mechanical', 'Thread', 'M30 x 1.5'],
      ['Mechanical', 'Housing', 'Stainless steel 1.4404'],
    ],
    features: ['Immune to fields up to 100 mT', 'Same range on steel and aluminium', 'Face of one piece with the barrel'],
  },
  {
    category: 'sensors',
    name: 'Lark V4 vibration sensor',
    sku: 'BJ-V4',
    tagline: 'Hears a bearing weeks before you do',
    machine: 'transmitter',
    tone: 'green',
    description: 'A vibration sensor with three axes and a small computer that knows the frequencies of 40,000 bearings.',
    overview: [
      'Instead of a raw waveform it sends what matters: the energy in the bands of the inner ring, the outer ring, the cage and the balls.',
      'When a band rises by more than it ever did, the waveform of that second is kept as evidence.',
    ],
    specs: [
      ['Measurement', 'Range', '±50 g'],
      ['Measurement', 'Band', '2 Hz to 10 kHz'],
      ['Electrical', 'Interface', 'IO-Link, Ethernet-APL'],
      ['Mechanical', 'Mounting', 'M8 or magnet'],
      ['Mechanical', 'Protection', 'IP 68'],
    ],
    features: ['Three axes at 26 kHz', 'Library of 40,000 bearings', 'Keeps the second that raised the alarm'],
  },
  {
    category: 'drives',
    name: 'Heron S4 servo drive',
    sku: 'BJ-S4',
    tagline: 'Four axes, one enclosure, 62 µs',
    machine: 'drive',
    tone: 'blue',
    featured: 2,
    description:
      'A servo drive for four axes with one supply, one cable each, and a current loop that closes sixteen thousand times a second.',
    overview: [
      'The axes share their bus: what one brakes, another accelerates with. On a typical packaging machine that is 34 % of the energy.',
      'Tuning takes one button. The drive shakes the machine for eight seconds, finds its resonances and puts notch filters there.',
    ],
    specs: [
      ['Electrical', 'Axes', '4'],
      ['Electrical', 'Current', '4 x 12 A, peak 36 A'],
      ['Electrical', 'Supply', '3 x 400–480 V'],
      ['Control', 'Current loop', '62.5 µs'],
      ['Control', 'Feedback', 'EnDat 2.2, Hiperface DSL, BiSS C'],
      ['Safety', 'Functions', 'STO, SS1, SLS, SLP'],
    ],
    features: [
      'Energy shared between the axes',
      'Tunes itself in eight seconds',
      'Single cable for power and feedback',
      'Safe motion to SIL 3',
    ],
  },
  {
    category: 'drives',
    name: 'Heron S1 servo drive',
    sku: 'BJ-S1',
    tagline: 'One axis, as narrow as two fingers',
    machine: 'drive',
    tone: 'yellow',
    description: 'The single-axis sibling of the S4: 42 mm wide, cooled through its back, for cabinets that are already full.',
    overview: [
      'All heat goes into the cold plate behind the cabinet wall, so the air inside stays cool and the filter fans can go.',
      'It takes the parameter files of the S4 without a change.',
    ],
    specs: [
      ['Electrical', 'Current', '6 A, peak 18 A'],
      ['Electrical', 'Supply', '1 x 230 V or 3 x 400 V'],
      ['Control', 'Current loop', '62.5 µs'],
      ['Mechanical', 'Width', '42 mm'],
      ['Safety', 'Functions', 'STO'],
    ],
    features: ['42 mm wide', 'Cold plate instead of fans', 'Takes parameter files of the S4'],
  },
  {
    category: 'drives',
    name: 'Pelican R90 regenerative drive',
    sku: 'BJ-R90',
    tagline: 'Brakes into the grid, up to 90 kW',
    machine: 'drive',
    tone: 'red',
    description: 'A frequency drive for hoists, centrifuges and test benches that gives back what it does not need.',
    overview: [
      'An active front end keeps the current sinusoidal in both directions, with less than three percent of harmonics.',
      'A hoist that lowers forty tonnes pays for the next lift.',
    ],
    specs: [
      ['Electrical', 'Power', '22 to 90 kW'],
      ['Electrical', 'Efficiency', '97.8 %'],
      ['Electrical', 'Harmonics', 'below 3 %'],
      ['Mechanical', 'Cooling', 'Air or water'],
      ['Control', 'Interfaces', 'PROFINET, EtherCAT, CANopen'],
    ],
    features: ['Feeds braking energy back', 'Sinusoidal current in both directions', 'Rides through dips of 500 ms'],
  },
  {
    category: 'motion-control',
    name: 'Falcon M6 servo motor',
    sku: 'BJ-M6',
    tagline: 'Stiff, quiet, one cable',
    machine: 'motor',
    tone: 'blue',
    featured: 4,
    description: 'A servo motor with segmented windings and a 24-bit encoder, from 0.6 to 28 Nm.',
    overview: [
      'Segmented windings pack a third more copper into the same length. The motor is short, so the machine can be.',
      'A cogging torque below half a percent makes it fit for grinding and print rolls.',
    ],
    specs: [
      ['Performance', 'Torque', '0.6 to 28 Nm'],
      ['Performance', 'Speed', 'up to 8,000 rpm'],
      ['Feedback', 'Encoder', '24 bit, multi-turn'],
      ['Mechanical', 'Flange', '60 to 142 mm'],
      ['Mechanical', 'Protection', 'IP 65, IP 67 at the shaft'],
    ],
    features: [
      'Cogging below 0.5 %',
      'Absolute position without a battery',
      'Single cable up to 100 m',
      'Optional holding brake',
    ],
  },
  {
    category: 'motion-control',
    name: 'Crane L7 linear axis',
    sku: 'BJ-L7',
    tagline: 'Six metres at five metres per second',
    machine: 'axis',
    tone: 'yellow',
    featured: 5,
    description: 'A belt-driven linear axis with covered rails, delivered with its motor fitted, tuned and tested.',
    overview: [
      'The belt runs inside the profile, under a steel cover that turns with the carriage. Dust stays outside, grease stays inside.',
      'Every axis leaves the factory with a protocol of its straightness over the whole length.',
    ],
    specs: [
      ['Performance', 'Stroke', 'up to 6,000 mm'],
      ['Performance', 'Speed', '5 m/s'],
      ['Performance', 'Repeatability', '±0.04 mm'],
      ['Load', 'Force', '1,600 N'],
      ['Mechanical', 'Profile', '80 x 80 mm'],
    ],
    features: ['Covered over its whole length', 'Delivered with motor and tuning', 'Relubricated from one point'],
  },
  {
    category: 'motion-control',
    name: 'Kite A5 articulated arm',
    sku: 'BJ-A5',
    tagline: 'Five kilograms, anywhere within a metre',
    machine: 'robot',
    tone: 'red',
    description:
      'A compact arm for loading machines, driven by the same motors and programmed with the same tools as the rest of the line.',
    overview: [
      'The arm has no controller of its own: it is five axes of your program, in the same cycle as conveyor and press.',
      'Its joints are sealed for coolant, and its cables run inside.',
    ],
    specs: [
      ['Performance', 'Payload', '5 kg'],
      ['Performance', 'Reach', '980 mm'],
      ['Performance', 'Repeatability', '±0.02 mm'],
      ['Mechanical', 'Weight', '38 kg'],
      ['Mechanical', 'Protection', 'IP 67'],
    ],
    features: ['Part of the machine program', 'Sealed for coolant', 'Cables inside the arm'],
  },
  {
    category: 'controllers',
    name: 'Raven C3 motion controller',
    sku: 'BJ-C3',
    tagline: '64 axes in 250 microseconds',
    machine: 'controller',
    tone: 'blue',
    featured: 6,
    description:
      'A modular controller for machines with many axes: logic, motion, safety and a web server in one row of modules.',
    overview: [
      'Logic and motion run on cores of their own. A page that is opened in the web server never delays an axis.',
      'Programs are text files. They live in version control, are reviewed there, and are signed before they run.',
    ],
    specs: [
      ['Performance', 'Cycle', '250 µs'],
      ['Performance', 'Axes', '64'],
      ['Interfaces', 'Fieldbus', 'EtherCAT, PROFINET'],
      ['Interfaces', 'Ethernet', '4 x 1 Gbit/s'],
      ['Programming', 'Languages', 'IEC 61131-3, C, Structured text'],
      ['Safety', 'Level', 'SIL 3, PL e'],
    ],
    features: [
      'Programs in version control',
      'Signed updates, two images',
      'OPC UA and MQTT built in',
      'Ten years of spare parts',
    ],
  },
  {
    category: 'controllers',
    name: 'Raven C1 compact controller',
    sku: 'BJ-C1',
    tagline: 'For machines with a few axes',
    machine: 'controller',
    tone: 'yellow',
    description: 'The small Raven: eight axes, the same programs, half the price.',
    overview: [
      'It runs programs of the C3 unchanged as long as eight axes are enough.',
      'Sixteen inputs and sixteen outputs are on board; everything else is a module away.',
    ],
    specs: [
      ['Performance', 'Cycle', '1 ms'],
      ['Performance', 'Axes', '8'],
      ['Interfaces', 'Inputs and outputs', '16 / 16'],
      ['Interfaces', 'Ethernet', '2 x 1 Gbit/s'],
    ],
    features: ['Runs programs of the C3', 'Inputs and outputs on board'],
    state: 'draft',
  },
  {
    category: 'connectivity',
    name: 'Kestrel G2 edge gateway',
    sku: 'BJ-G2',
    tagline: 'Seven days without a network',
    machine: 'gateway',
    tone: 'green',
    featured: 7,
    description:
      'A gateway that speaks forty protocols of machines and one of yours, and keeps what it measured until somebody takes it.',
    overview: [
      'It listens on the bus that is there already. The program of the machine stays untouched, and so does its warranty.',
      'Without a network it writes to its own flash: seven days at a thousand values per second.',
    ],
    specs: [
      ['Interfaces', 'Ethernet', '5 x 1 Gbit/s'],
      ['Interfaces', 'Radio', 'LTE, Wi-Fi 6'],
      ['Software', 'Protocols', 'S7, Modbus, OPC UA, MTConnect and more'],
      ['Software', 'Buffer', '7 days'],
      ['Mechanical', 'Mounting', 'DIN rail or wall'],
    ],
    features: ['Forty machine protocols', 'Buffers seven days', 'Outgoing connections only', 'Updates signed and reversible'],
  },
  {
    category: 'connectivity',
    name: 'Plover R16 remote I/O',
    sku: 'BJ-R16',
    tagline: 'Sixteen channels beside the machine',
    machine: 'gateway',
    tone: 'yellow',
    description: 'Sixteen channels in a housing that needs no cabinet, each an input, an output or IO-Link.',
    overview: [
      'One device instead of three variants on the shelf: what a channel is, its configuration says.',
      'Every channel has its own fuse and tells which one has tripped.',
    ],
    specs: [
      ['Electrical', 'Channels', '16'],
      ['Electrical', 'Current', '2 A each'],
      ['Interfaces', 'Fieldbus', 'EtherCAT, PROFINET'],
      ['Mechanical', 'Protection', 'IP 67'],
    ],
    features: ['Any channel can be anything', 'A fuse for each channel'],
  },
  {
    category: 'connectivity',
    name: 'Kestrel G1 edge gateway',
    sku: 'BJ-G1',
    tagline: 'Replaced by the G2',
    machine: 'gateway',
    tone: 'blue',
    description: 'Our first gateway. It is supported until 2030 and no longer sold.',
    overview: ['Spare parts and updates go on until 2030.'],
    specs: [['Interfaces', 'Ethernet', '2 x 100 Mbit/s']],
    features: ['Supported until 2030'],
    state: 'archived',
  },
];
