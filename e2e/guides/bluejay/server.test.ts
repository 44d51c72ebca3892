/** The guide of Bluejay, from its first heading to its last, on a server of its own. */
import { describeReplay } from '../describe-replay.ts';

describeReplay('bluejay', 'machine');
