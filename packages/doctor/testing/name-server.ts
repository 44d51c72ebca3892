import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export type NameServer = { readonly address: string; readonly records: Map<string, string>; close(): void };

/** Knows A records; of every other name it says that there is none. */
export const openNameServer = async (): Promise<NameServer> => {
  const records = new Map<string, string>();
  const socket: Socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const labels: string[] = [];
    let at = 12;
    for (; question[at]; at += 1 + (question[at] ?? 0))
      labels.push(question.toString('latin1', at + 1, at + 1 + (question[at] ?? 0)));
    const end = at + 5;
    const address = question.readUInt16BE(at + 1) === 1 ? records.get(labels.join('.').toLowerCase()) : undefined;
    const header = Buffer.from(question.subarray(0, 12));
    // A response, recursion available; NXDOMAIN for names that are not known at all.
    header.writeUInt16BE(records.has(labels.join('.').toLowerCase()) ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(address === undefined ? 0 : 1, 6);
    header.writeUInt32BE(0, 8);
    const answer = address === undefined ? [] : [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)];
    socket.send(Buffer.concat([header, question.subarray(12, end), Buffer.from(answer)]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, records, close: () => socket.close() };
};
