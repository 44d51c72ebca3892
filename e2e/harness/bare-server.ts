/** A server that does nothing but answer: how late it is says what the machine costs, whoever answers. Forked by AnswerTimes. */
import { createServer } from 'node:http';

const [socketPath = ''] = process.argv.slice(2);
process.on('disconnect', () => process.exit(0));
createServer((_, response) => response.end('{}')).listen(socketPath, () => process.send?.('listening'));
