import { findUser, openCgroups } from '@berth/host';
import { describeDriver } from '../conformance.ts';

const uid = process.getuid?.() ?? 0;
const { available } = await openCgroups({ uid });

describeDriver('process', new URL('open-for-tests.ts', import.meta.url), {
  user: uid === 0 ? await findUser('nobody') : null,
  startPoints: ['runtime.start.recorded', 'runtime.start.spawned'],
  skip: {
    ...(available.cpu ? {} : { 'holds a program to its share of the processor': 'no cpu control group may be made here' }),
    ...(available.cpu || available.memory
      ? {}
      : { 'stops what left its session and its parents': 'without a control group nothing ties them to the program' }),
  },
});
