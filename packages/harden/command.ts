/** What the dead man's timer runs: `node command.ts revert firewall`. */
import { createLogger } from '@berth/host';
import { revertUnconfirmed } from './harden.ts';

const [word, id = ''] = process.argv.slice(2);
const log = createLogger({ write: (line) => process.stderr.write(line), now: () => new Date() });
if (word !== 'revert') throw new Error('the only word that this knows is "revert", followed by the id of a check');
log.info((await revertUnconfirmed(id, { log })) ? 'harden.reverted' : 'harden.nothing-to-revert', { check: id });
