/** The guide of Bluejay, from its first heading to its last, on this machine. */
import { describeReplay } from '../describe-replay.ts';

describeReplay('bluejay', 'process');
