/** The guide of Kolabpad, from its first heading to its last, on this machine. */
import { describeReplay } from '../describe-replay.ts';

describeReplay('kolabpad', 'process');
